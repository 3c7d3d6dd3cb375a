import { manifestPath, type Service } from '../project/service.ts';
import type { HealthCheck } from './check.ts';
import { type CheckContext, checkFromSetting, commandCheck, projectCheck } from './from-settings.ts';

/**
 * The checks of a service: those of its service.yml, and its health-check.sh. Where it has neither, the
 * containers of its compose project are looked at; without one there is nothing to check, and the list is empty.
 *
 * @throws LaunchError CONFIG_INVALID
 */
export function serviceChecks(service: Service, context: CheckContext): HealthCheck[] {
  const place = { file: manifestPath(service.folder) };
  const checks = service.settings.health.map((setting) => checkFromSetting(setting, context, place));
  const script = './health-check.sh';
  const named = checks.some((check) => check.kind === 'command' && isHealthScript(check.argv));
  if (service.folder.shape.healthScript && !named) checks.push(commandCheck([script], context));
  if (checks.length === 0 && context.project !== undefined)
    checks.push(projectCheck(context.project, context));
  return checks;
}

/** Also as an interpreter's argument, or without the leading dot. */
function isHealthScript(argv: readonly string[]): boolean {
  return argv.slice(0, 2).some((word) => /^(\.\/)?health-check\.sh$/.test(word));
}
