// A webpack loader that changes no source: it is how the build reaches into ncc's
// webpack. ncc takes no option for splitting, and webpack's default copies a module
// of less than 20 kB into each file that needs it. This keeps such a module in the
// main file instead, which is always loaded; it runs after the default, which has
// put what is large into files of its own by then. What only deployments need has a
// file together: it is half of what is shared, and nobody else has to load it; and
// so has what asks GitHub.
'use strict';

const ofDeployments =
  /[\\/]src[\\/](operations[\\/]deploy|core[\\/]deploy|adapters[\\/](snapshot|state))[\\/]/;

const ofGitHub = /[\\/](src[\\/]adapters[\\/]github|node_modules[\\/](p-retry|is-network-error))[\\/]/;

module.exports = function oneCopy(source) {
  const { _compiler: compiler, _compilation: compilation } = this;
  const plugin = new compiler.webpack.optimize.SplitChunksPlugin({
    chunks: 'async',
    defaultSizeTypes: ['javascript', 'unknown'],
    cacheGroups: {
      github: { name: 'github', test: ofGitHub, minChunks: 2, enforce: true, priority: 1 },
      deploy: { name: 'deploy', test: ofDeployments, minChunks: 2, enforce: true, priority: 1 },
      main: { name: 'main', minChunks: 2, enforce: true },
    },
  });
  plugin.apply({
    context: compiler.context,
    root: compiler.root,
    hooks: { thisCompilation: { tap: (_name, enter) => enter(compilation) } },
  });
  return source;
};
