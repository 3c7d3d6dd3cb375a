import { Ajv, type ErrorObject } from 'ajv';
import composeSpec from '../../../schemas/vendor/compose-spec.json' with { type: 'json' };
import { printable } from '../../core/names.ts';
import { didYouMean } from '../../core/nearest.ts';

/** What the Compose Specification's JSON Schema refuses, and where in the file. */
export interface SchemaComplaint {
  readonly path: readonly (string | number)[];
  /** A sentence without its full stop. */
  readonly message: string;
  readonly remedy: string;
}

// The formats (ports, durations) are compose's own; only its parser knows them.
const { $schema: _draft, ...schema } = composeSpec;
const validate = new Ajv({
  allErrors: true,
  strict: false,
  validateFormats: false,
  verbose: true,
  logger: false,
}).compile(schema);

/** Every complaint, the deepest only: a wrong key inside of a service says more than "no service matches". */
export function checkSchema(value: unknown): SchemaComplaint[] {
  if (validate(value)) return [];
  const errors = (validate.errors ?? []).filter((error) => error.keyword !== 'if');
  const choices = errors.filter(isChoice);
  const leaves = errors.filter((error) => !isChoice(error));
  // Where a value may be of several types, the types it is not say nothing, unless there is nothing else to say.
  const told = leaves.filter(
    (error) =>
      error.keyword !== 'type' || !choices.some((choice) => choice.instancePath === error.instancePath),
  );
  const vague = choices.filter(
    (choice) =>
      !told.some((error) => `${error.instancePath}/`.startsWith(`${choice.instancePath}/`)) &&
      !choices.some((other) => other.instancePath.startsWith(`${choice.instancePath}/`)),
  );
  const complaints = [...told.map(describe), ...vague.map(describeChoice(leaves))];
  const seen = new Set<string>();
  return complaints.filter((complaint) => {
    const key = JSON.stringify(complaint);
    return !seen.has(key) && seen.add(key);
  });
}

function isChoice({ keyword }: ErrorObject): boolean {
  return keyword === 'oneOf' || keyword === 'anyOf';
}

function describe(error: ErrorObject): SchemaComplaint {
  const path = pathOf(error);
  const where = whereIs(path);
  const extra: unknown = error.params['additionalProperty'];
  if (typeof extra === 'string') {
    const known = Object.keys(recordOf(recordOf(error.parentSchema)['properties']));
    return {
      path: [...path, extra],
      message: `Unknown key "${printable(extra)}"${where}`,
      remedy: didYouMean(extra, known) || 'Use a name of letters, digits, dots, hyphens and underscores.',
    };
  }
  const missing: unknown = error.params['missingProperty'];
  if (typeof missing === 'string') {
    return { path, message: `The key "${missing}" is missing${where}`, remedy: 'Add it.' };
  }
  const remedy = 'The Compose Specification lists what each key takes.';
  return { path, message: `${subject(path)} ${wrong(error)}`, remedy };
}

function wrong({ keyword, params, message }: ErrorObject): string {
  const allowed: unknown = params['allowedValues'];
  if (Array.isArray(allowed)) return `must be ${allowed.map((value) => JSON.stringify(value)).join(' or ')}`;
  return keyword === 'type' ? `must be ${typesOf(params['type'])}` : (message ?? 'is not valid');
}

function typesOf(...types: readonly unknown[]): string {
  return [...new Set(types.flat().map(String))].join(' or ');
}

/** Of a choice between types, all of them. */
function describeChoice(leaves: readonly ErrorObject[]): (error: ErrorObject) => SchemaComplaint {
  return (error) => {
    const path = pathOf(error);
    const types = leaves
      .filter((leaf) => leaf.instancePath === error.instancePath && leaf.keyword === 'type')
      .flatMap((leaf): unknown => leaf.params['type']);
    const wanted = typesOf(...types);
    return {
      path,
      message: `${subject(path)} ${wanted === '' ? 'is not valid' : `must be ${wanted}`}`,
      remedy: 'The Compose Specification lists what each key takes.',
    };
  };
}

function pathOf({ instancePath }: ErrorObject): (string | number)[] {
  return instancePath
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .map((part) => (/^\d{1,9}$/.test(part) ? Number(part) : part));
}

function subject(path: readonly (string | number)[]): string {
  return path.length === 0 ? 'The file' : `"${printable(path.join('.'))}"`;
}

function whereIs(path: readonly (string | number)[]): string {
  return path.length === 0 ? '' : ` in "${printable(path.join('.'))}"`;
}

function recordOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
