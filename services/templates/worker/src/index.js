export default {
  async fetch(request) {
    const { pathname } = new URL(request.url);
    // Say here whether it can do its work: asked before a new version gets traffic.
    if (pathname === '/health') return Response.json({ status: 'ok' });
    if (pathname === '/') return Response.json({ service: '{{name}}' });
    return Response.json({ error: 'There is nothing here.' }, { status: 404 });
  },
};
