// The same parser of HTTP, once more for processors with vector instructions. The plain
// one runs everywhere, and for the answers of an API it is as good.

module.exports = require('./llhttp-wasm.js');
