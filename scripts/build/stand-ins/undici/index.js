// What `@actions/github` and its HTTP client get for undici, in the bundle only: they take nothing but
// this agent of it, and fetch. The real index loads WebSockets, caches, cookies and mocks, too.

const Dispatcher = require('./lib/dispatcher/dispatcher');

// The agent asks its proxy for a tunnel by this; the real index gives it to each dispatcher.
Dispatcher.prototype.connect = require('./lib/api/api-connect');

module.exports.ProxyAgent = require('./lib/dispatcher/proxy-agent');
module.exports.fetch = require('./lib/web/fetch/index.js').fetch;
