import { LaunchError } from '../errors.ts';
import { printable } from '../names.ts';
import { type Instance, parseInstance } from './instance.ts';

/** What somebody says of an instance without a file, such as by the form of a workflow. */
export interface NewInstance {
  readonly id: string;
  /** Undefined where it is left to the file. */
  readonly organisation: string | undefined;
  readonly environment: string;
}

/**
 * The text of `instances/<id>.json`. Whatever the values are, they are encoded as JSON and then held against the schema.
 *
 * @throws LaunchError CONFIG_INVALID for a value that is not allowed
 */
export function newInstanceText(
  wanted: NewInstance & { readonly organisation: string },
  file: string,
): string {
  const { id, organisation, environment } = wanted;
  const text = `${JSON.stringify({ instance_id: id, org_id: organisation, environment }, undefined, 2)}\n`;
  parseInstance(text, file);
  return text;
}

/**
 * The environment decides which secrets are used and who has to approve: nobody gets past that by naming another one than
 * the file does.
 *
 * @throws LaunchError CONFIG_INVALID where the file says otherwise
 */
export function assertAgrees(instance: Instance, wanted: NewInstance): void {
  const { id, organisation, environment, file } = instance;
  const differing = [
    ...(wanted.id === id ? [] : [['id', wanted.id, id] as const]),
    ...(wanted.environment === environment
      ? []
      : [['environment', wanted.environment, environment] as const]),
    ...(wanted.organisation === undefined || wanted.organisation === organisation
      ? []
      : [['organisation', wanted.organisation, organisation] as const]),
  ];
  const [first] = differing;
  if (first === undefined) return;
  const [what, asked, written] = first;
  throw new LaunchError(
    'CONFIG_INVALID',
    `The ${what} of the instance is "${written}", not "${printable(asked, 80)}".`,
    {
      place: { file },
      remedy: `Start the run again with ${what} "${written}", or change the file first.`,
    },
  );
}
