// What `@actions/http-client` gets for undici, in the bundle only: it takes nothing but
// this agent of it. The real index loads WebSockets, caches, cookies and mocks, too.

const Dispatcher = require('./lib/dispatcher/dispatcher');

// The agent asks its proxy for a tunnel by this; the real index gives it to each dispatcher.
Dispatcher.prototype.connect = require('./lib/api/api-connect');

module.exports.ProxyAgent = require('./lib/dispatcher/proxy-agent');
