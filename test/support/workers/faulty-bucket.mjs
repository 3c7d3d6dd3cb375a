// image-gen as it is, with a bucket that fails where a request asks for it: `x-test-bucket: head` or `put`.
import worker from '../../../services/image-gen/src/index.ts';

export default {
  async fetch(request, env, execution) {
    const failing = request.headers.get('x-test-bucket');
    const bucket = new Proxy(env.IMAGES, {
      get(target, name) {
        if (name === failing)
          return async () => Promise.reject(new Error('put: We encountered an internal error (10001)'));
        const value = Reflect.get(target, name);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
    return await worker.fetch(request, { ...env, IMAGES: bucket }, execution);
  },
};
