// What `@actions/core` gets for `@actions/http-client`, in the bundle only. The real
// package loads undici, TLS and zlib, which takes longer than all the rest of an
// action's start, and core needs it for nothing but an OIDC token. This client
// loads the real one with the first request and hands every call on to it.

export class HttpClient {
  #given;
  #real;

  constructor(...given) {
    this.#given = given;
  }

  async #client() {
    this.#real ??= import('real-http-client').then((real) => new real.HttpClient(...this.#given));
    return await this.#real;
  }

  async get(...args) {
    return await (await this.#client()).get(...args);
  }

  async getJson(...args) {
    return await (await this.#client()).getJson(...args);
  }

  async postJson(...args) {
    return await (await this.#client()).postJson(...args);
  }

  async request(...args) {
    return await (await this.#client()).request(...args);
  }
}
