// Adds to package-lock.json the builds for other platforms that npm left out.
//
// Usage: node scripts/lib/complete-lock.mjs [--check]
//
// npm writes an optional package into the lock only if the registry offers it,
// and a mirror may not hold every platform's build. `npm ci` then refuses the
// lock: its parent asks for a package the lock does not name. Run this after
// `npm install`. An added entry has the exact version its parent asks for and
// no integrity: the machine that wrote it never saw the package.
import { readFileSync, writeFileSync } from 'node:fs';

const LOCK = new URL('../../package-lock.json', import.meta.url);
const OPERATING_SYSTEMS = [
  'aix',
  'android',
  'darwin',
  'freebsd',
  'linux',
  'netbsd',
  'openbsd',
  'openharmony',
  'sunos',
  'win32',
];
const PROCESSORS = ['arm', 'arm64', 'ia32', 'loong64', 'mips64el', 'ppc64', 'riscv64', 's390x', 'x64'];

/** True when a package in this folder would find one of that name, as Node looks for it. */
function isLocked(packages, folder, name) {
  const inside = folder === '' ? '' : `${folder}/`;
  if (`${inside}node_modules/${name}` in packages) return true;
  return (
    folder !== '' &&
    isLocked(packages, folder.slice(0, Math.max(0, folder.lastIndexOf('/node_modules/'))), name)
  );
}

function missingBuilds(packages) {
  return Object.entries(packages).flatMap(([folder, { optionalDependencies = {}, dev }]) =>
    Object.entries(optionalDependencies)
      .filter(([name]) => !isLocked(packages, folder, name))
      .map(([name, version]) => ({ name, version, dev })),
  );
}

/** What npm goes by to leave a build out on other machines; its name says it. */
function entryOf({ name, version, dev }) {
  const words = name.split('/').at(-1).split('-');
  // workerd's builds say windows for win32, and 64 for x64.
  const os = words.includes('windows') ? 'win32' : words.find((word) => OPERATING_SYSTEMS.includes(word));
  const cpu = words.find((word) => PROCESSORS.includes(word)) ?? (words.includes('64') ? 'x64' : undefined);
  if (os === undefined || cpu === undefined || !/^\d/.test(version)) {
    throw new Error(`${name}@${version} is not locked, and its name does not say for which platform it is`);
  }
  const libc = words.some((word) => word.startsWith('musl')) ? 'musl' : 'glibc';
  return {
    version,
    cpu: [cpu],
    ...(dev === true ? { dev } : {}),
    ...(os === 'linux' ? { libc: [libc] } : {}),
    optional: true,
    os: [os],
  };
}

const lock = JSON.parse(readFileSync(LOCK, 'utf8'));
const missing = missingBuilds(lock.packages);
if (process.argv.includes('--check')) {
  for (const { name, version } of missing) console.error(`package-lock.json lacks ${name}@${version}`);
  if (missing.length > 0) console.error('Run: node scripts/lib/complete-lock.mjs');
  process.exitCode = missing.length > 0 ? 1 : 0;
} else if (missing.length > 0) {
  for (const build of missing) lock.packages[`node_modules/${build.name}`] = entryOf(build);
  const inOrder = Object.entries(lock.packages).sort(([a], [b]) => a.localeCompare(b, 'en'));
  writeFileSync(LOCK, `${JSON.stringify({ ...lock, packages: Object.fromEntries(inOrder) }, null, 2)}\n`);
  console.error(`added ${missing.length} builds for other platforms to package-lock.json`);
}
