import { readEdgeSettings } from '../adapters/edge/edge-file.ts';
import { counted } from '../core/counted.ts';
import { type Finding, failed, ok, warning } from '../core/diagnosis.ts';
import { LaunchError } from '../core/errors.ts';
import { edgeStatus } from './edge/status.ts';

const subject = 'edge proxy';

/** Whether the edge proxy answers and leads where it should; nothing on a host without one. */
export async function diagnoseEdge(stateRoot: string, env: NodeJS.ProcessEnv): Promise<Finding[]> {
  try {
    const settings = await readEdgeSettings(stateRoot);
    if (settings === undefined) return [];
    const { answers, routes } = await edgeStatus({ stateRoot, env });
    if (!answers) {
      const remedy = 'Start it with `launch edge up`; services that have a route can not be reached.';
      return [failed(subject, `nothing answers at ${settings.admin}`, remedy)];
    }
    const wrong = routes.filter(({ right }) => !right);
    const findings = wrong.map(({ host, path, service, upstreams }) => {
      const where = upstreams.length === 0 ? 'nowhere' : `to ${upstreams.join(', ')}`;
      return service === '?'
        ? warning(
            `route ${host}${path}`,
            `leads ${where}; no release here has it`,
            'See `launch edge status`.',
          )
        : failed(
            `route ${host}${path}`,
            `leads ${where}, not to the containers of ${service}`,
            `Run \`launch recover\`, or deploy ${service} again.`,
          );
    });
    const count = counted(routes.length, 'route');
    const said = `answers at ${settings.admin}, ${count}${wrong.length === 0 && routes.length > 0 ? ', all right' : ''}`;
    return [ok(subject, said), ...findings];
  } catch (error) {
    if (!(error instanceof LaunchError)) throw error;
    return [failed(subject, error.summary, error.remedy)];
  }
}
