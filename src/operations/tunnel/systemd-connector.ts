import { createHash } from 'node:crypto';
import { access, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { downloadProgram, isProgram, programFor } from '../../adapters/cloudflared/program.ts';
import { asRoot } from '../../adapters/systemd/as-root.ts';
import { rootFiles } from '../../adapters/systemd/root-files.ts';
import { systemdUnits, type UnitState } from '../../adapters/systemd/units.ts';
import { connectorName, metricsAddress } from '../../core/cloudflare/tunnel/cloudflared.ts';
import { unitText } from '../../core/cloudflare/tunnel/systemd-unit.ts';
import { checkFromSetting } from '../../core/health/from-settings.ts';
import { type Connector, type ConnectorContext, metricsPort, sealOfToken } from './connector.ts';

/** Where a unit and what it needs are. */
export interface SystemdFolders {
  readonly units: string;
  /** Only root may look into it. */
  readonly tokens: string;
  readonly programs: string;
}

export const usualFolders: SystemdFolders = {
  units: '/etc/systemd/system',
  tokens: '/etc/launch/tunnels',
  programs: '/usr/local/lib/launch',
};

export interface SystemdContext extends ConnectorContext {
  readonly folders: SystemdFolders;
  /** Where cloudflared is downloaded from. */
  readonly downloadBase: string;
  /** Node's name of the processor. */
  readonly arch: string;
}

/** A connector as a unit of the system's systemd, enabled at boot. */
export function systemdConnector(context: SystemdContext): Connector {
  const { tunnel, stateRoot, env, user, signal, known, folders } = context;
  const root = asRoot(env, user.uid, signal);
  const files = rootFiles(root);
  const units = systemdUnits(root);
  const unit = `${connectorName(tunnel)}.service`;
  const unitFile = join(folders.units, unit);
  const port = () => known.current()?.ports?.systemd ?? 0;

  const writeToken = async (token: string): Promise<{ readonly file: string; readonly isNew: boolean }> => {
    const file = join(folders.tokens, `${tunnel}.${await sealOfToken(stateRoot, token)}`);
    if ((await files.read(file)) === token) return { file, isNew: false };
    await files.write({ path: file, mode: '0600', folderMode: '0700', content: { text: token } });
    return { file, isNew: true };
  };

  /** Says whether it was another one before. */
  const writeUnit = async (text: string, before: UnitState): Promise<boolean> => {
    const isOther = (await files.read(unitFile))?.trimEnd() !== text.trimEnd();
    if (isOther) await files.write({ path: unitFile, mode: '0644', folderMode: '0755', content: { text } });
    if (isOther || before.isStale) await units.reload();
    if (isOther || before.enabled !== 'enabled') await units.enable(unit);
    return isOther;
  };

  return {
    kind: 'systemd',

    async find() {
      if (!(await isThere(unitFile))) return undefined;
      const { active } = await units.show(unit);
      return { name: unit, isRunning: active === 'active' };
    },

    async apply(token) {
      // Asked first: without systemd nothing is to be left behind.
      const before = await units.show(unit);
      await known.update({ runAs: 'systemd' });
      const { program, isNew } = await installProgram(context, files);
      const written = await writeToken(token);
      const text = unitText({
        tunnel,
        program,
        tokenFile: written.file,
        port: await metricsPort(context, 'systemd'),
      });
      const isOther = await writeUnit(text, before);
      const digest = createHash('sha256').update(text).digest('hex');
      const runs = before.active === 'active' || before.active === 'activating';
      const isDue = !runs || known.current()?.started !== digest;
      if (isDue) {
        await units.restart(unit);
        await known.update({ started: digest });
      }
      // Nothing that runs needs the tokens of before any more.
      await files.removeAllBut(folders.tokens, `${tunnel}.`, basename(written.file));
      return [
        ...(isNew ? [`installed cloudflared ${context.release.version}`] : []),
        ...(written.isNew ? ['wrote the token for root alone'] : []),
        ...(isOther ? [`wrote the unit ${unit}`] : []),
        ...(before.enabled === 'enabled' ? [] : ['enabled it at boot']),
        ...(isDue ? [runs ? 'started it anew' : 'started it'] : []),
      ];
    },

    readiness: (timeoutMs) =>
      checkFromSetting(
        { http: `http://${metricsAddress(port())}/ready`, status: 200 },
        { cwd: '/', env, timing: { timeoutMs, intervalMs: 200 } },
      ),

    lastLines: async () => await units.tail(unit, 20),

    async remove() {
      const isUnit = await isThere(unitFile);
      if (!isUnit && known.current()?.runAs !== 'systemd') return [];
      const removed: string[] = [];
      if (isUnit) {
        await units.disable(unit);
        await files.remove(unitFile);
        await units.reload();
        removed.push(`the unit ${unit}`);
      }
      const tokens = await files.removeAllBut(folders.tokens, `${tunnel}.`, undefined);
      if (tokens > 0) removed.push('its token');
      if (!(await hasOtherUnits(folders.units))) {
        const programs = await files.removeAllBut(folders.programs, 'cloudflared-', undefined);
        if (programs > 0) removed.push('cloudflared');
      }
      return removed;
    },
  };
}

async function installProgram(
  { release, arch, downloadBase, folders, timeoutMs, signal, reporter }: SystemdContext,
  files: ReturnType<typeof rootFiles>,
): Promise<{ readonly program: string; readonly isNew: boolean }> {
  const { sha256 } = programFor(release, arch);
  const program = join(folders.programs, `cloudflared-${release.version}`);
  if (await isProgram(program, sha256)) return { program, isNew: false };
  reporter.info(`Downloading cloudflared ${release.version}.`);
  const temporary = await mkdtemp(join(tmpdir(), 'launch-cloudflared-'));
  try {
    const destination = join(temporary, 'cloudflared');
    await downloadProgram({ release, base: downloadBase, arch, destination, timeoutMs, signal });
    await files.write({ path: program, mode: '0755', folderMode: '0755', content: { file: destination } });
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
  return { program, isNew: true };
}

async function hasOtherUnits(folder: string): Promise<boolean> {
  const names = await readdir(folder).catch(() => []);
  return names.some((name) => name.startsWith(connectorName('')) && name.endsWith('.service'));
}

async function isThere(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  );
}
