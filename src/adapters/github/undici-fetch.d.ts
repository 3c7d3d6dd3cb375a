/** Node's own fetch is this one; here it comes with a dispatcher, and its package has no types for a part of it. */
declare module 'undici/lib/web/fetch/index.js' {
  export function fetch(
    url: Parameters<typeof globalThis.fetch>[0],
    options: Omit<RequestInit, 'dispatcher'> & { readonly dispatcher: unknown },
  ): Promise<Response>;
}
