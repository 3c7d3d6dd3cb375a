import { createServer } from 'node:http';

const server = createServer((request, response) => {
  const send = (status, body) => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(`${JSON.stringify(body)}\n`);
  };
  // Say here whether it can do its work: asked after each deployment, and by `launch status`.
  if (request.url === '/health') send(200, { status: 'ok' });
  else if (request.url === '/') send(200, { service: '{{name}}' });
  else send(404, { error: 'There is nothing here.' });
});

server.listen(Number(process.env.PORT ?? 3000), () => console.log('listening'));

// Requests that are under way are answered before it ends.
process.on('SIGTERM', () => {
  server.close(() => process.exit(0));
  server.closeIdleConnections();
});
