// What `@actions/github` gets for Octokit, in the bundle only: Launch asks GitHub by itself, and takes no more of
// that package than its fetch through a proxy. The class is put together when the package is loaded; nobody makes one.

export class Octokit {
  static plugin() {
    return Octokit;
  }

  static defaults() {
    return Octokit;
  }

  constructor() {
    throw new Error('Octokit is not in this bundle: look at stand-ins/octokit again.');
  }
}
