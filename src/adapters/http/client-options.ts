/** How a client of a remote API asks. */
export interface ClientOptions {
  /** For tests; default the platform's own, or one that heeds the proxy variables. */
  readonly fetch?: typeof fetch;
  /** For one attempt, in milliseconds; default 30 s. */
  readonly timeout?: number;
  /** How often a request is tried again after a passing fault; the default is the client's own. */
  readonly retries?: number;
  /** The longest wait that the API may ask for before a request is tried again, in milliseconds; default 60 s. */
  readonly longestWait?: number;
  /** Before the first repetition, in milliseconds; doubles each time; the default is the client's own. */
  readonly firstWait?: number;
  /** Ends every request, its retries and their waits. */
  readonly signal?: AbortSignal | undefined;
}
