// StackScripts: labels are not unique, and a new text is a new revision.
import {
  fields,
  type LinodeRequest,
  Malformed,
  ok,
  page,
  Refused,
  type Routes,
  stamp,
  text,
  texts,
} from './envelope.ts';

export interface UserDefinedField {
  readonly name: string;
  readonly label: string;
  readonly example: string;
  readonly default?: string;
  readonly oneof?: string;
}

export interface FakeStackScript {
  readonly id: number;
  readonly username: string;
  readonly mine: boolean;
  label: string;
  description: string;
  images: readonly string[];
  script: string;
  rev_note: string;
  is_public: boolean;
  readonly created: string;
  updated: string;
  user_defined_fields: readonly UserDefinedField[];
  /** How often it was written; for tests. */
  revisions: number;
}

export interface StackScriptsState {
  readonly stackscripts: Map<number, FakeStackScript>;
  add(part: Partial<FakeStackScript> & Pick<FakeStackScript, 'label' | 'script'>): FakeStackScript;
}

export function stackScriptsState(username: () => string): StackScriptsState {
  const stackscripts = new Map<number, FakeStackScript>();
  let next = 600_001;
  return {
    stackscripts,
    add(part) {
      const now = stamp(Date.now());
      const made: FakeStackScript = {
        id: next,
        username: username(),
        mine: true,
        description: '',
        images: ['linode/ubuntu24.04'],
        rev_note: '',
        is_public: false,
        created: now,
        updated: now,
        revisions: 1,
        ...part,
        user_defined_fields: fieldsOf(part.script),
      };
      next += 1;
      stackscripts.set(made.id, made);
      return made;
    },
  };
}

const known = ['label', 'description', 'images', 'script', 'rev_note', 'is_public'];

export function stackScriptRoutes(state: StackScriptsState): Routes {
  const find = ({ params }: LinodeRequest): FakeStackScript => {
    const found = state.stackscripts.get(Number(params['id']));
    if (found === undefined) throw new Refused(404, 'Not found');
    return found;
  };
  const own = (request: LinodeRequest): FakeStackScript => {
    const found = find(request);
    if (!found.mine) throw new Refused(403, 'Unauthorized');
    return found;
  };
  const shown = ({ revisions: _, ...rest }: FakeStackScript) => rest;
  return {
    'GET /linode/stackscripts': (request) =>
      page([...state.stackscripts.values()].map(shown), request, ['label', 'mine', 'is_public', 'rev_note']),
    'POST /linode/stackscripts': (request) => {
      const given = fields(request, known);
      return ok(
        shown(
          state.add({
            label: labelOf(given['label']),
            script: scriptOf(given['script']),
            images: imagesOf(given['images']),
            description: String(given['description'] ?? ''),
            rev_note: String(given['rev_note'] ?? ''),
            is_public: publicOf(given['is_public']),
          }),
        ),
      );
    },
    'GET /linode/stackscripts/:id': (request) => ok(shown(find(request))),
    'PUT /linode/stackscripts/:id': (request) => {
      const found = own(request);
      const given = fields(request, known);
      if (given['label'] !== undefined) found.label = labelOf(given['label']);
      if (given['script'] !== undefined) found.script = scriptOf(given['script']);
      if (given['images'] !== undefined) found.images = imagesOf(given['images']);
      if (given['description'] !== undefined) found.description = String(given['description']);
      if (given['rev_note'] !== undefined) found.rev_note = String(given['rev_note']);
      if (given['is_public'] !== undefined) found.is_public = publicOf(given['is_public']);
      found.user_defined_fields = fieldsOf(found.script);
      found.updated = stamp(Date.now());
      found.revisions += 1;
      return ok(shown(found));
    },
    'DELETE /linode/stackscripts/:id': (request) => {
      state.stackscripts.delete(own(request).id);
      return ok({});
    },
  };
}

/** @throws Refused when an instance can't be made with it */
export function assertDeployable(
  { stackscripts }: StackScriptsState,
  id: unknown,
  image: string,
  data: Record<string, unknown>,
): void {
  const script = typeof id === 'number' ? stackscripts.get(id) : undefined;
  if (script === undefined) throw new Refused(400, 'stackscript_id is not valid', 'stackscript_id');
  if (!script.images.includes(image) && !script.images.includes('any/all')) {
    throw new Refused(400, 'The requested distribution is not supported by this stackscript.', 'image');
  }
  for (const field of script.user_defined_fields) {
    const value = data[field.name];
    if (value === undefined && field.default === undefined) {
      throw new Refused(400, `${field.name} is required`, 'stackscript_data');
    }
    if (value !== undefined && field.oneof !== undefined && !field.oneof.split(',').includes(String(value))) {
      throw new Refused(400, `${field.name} must be one of ${field.oneof}`, 'stackscript_data');
    }
  }
  // What the real API does with others is not known for sure; a client should not send them.
  const names = script.user_defined_fields.map(({ name }) => name);
  const unknown = Object.keys(data).filter((name) => !names.includes(name));
  if (unknown.length > 0) throw new Malformed(`no such fields: ${unknown.join(', ')}`, 'stackscript_data');
}

/** `# <UDF name="x" label="X" default="y">`, as the API reads them out of the script. */
function fieldsOf(script: string): UserDefinedField[] {
  return Array.from(script.matchAll(/^\s*#\s*<UDF\s+([^>]*)>/gim), ([, attributes = '']) => {
    const given = new Map(
      Array.from(attributes.matchAll(/(\w+)\s*=\s*"([^"]*)"/g), ([, name = '', value = '']) => [
        name.toLowerCase(),
        value,
      ]),
    );
    const name = given.get('name');
    const label = given.get('label');
    if (name === undefined || label === undefined)
      throw new Refused(400, 'A UDF needs a name and a label', 'script');
    const [fallback, oneof] = [given.get('default'), given.get('oneof')];
    return {
      name,
      label,
      example: given.get('example') ?? '',
      ...(fallback === undefined ? {} : { default: fallback }),
      ...(oneof === undefined ? {} : { oneof }),
    };
  });
}

function labelOf(value: unknown): string {
  const label = text(value, 'label');
  if (label.length >= 3 && label.length <= 128) return label;
  throw new Refused(400, 'Length must be 3-128 characters', 'label');
}

function scriptOf(value: unknown): string {
  const script = text(value, 'script');
  if (!script.startsWith('#!')) throw new Refused(400, 'Must begin with a shebang', 'script');
  if (script.length > 65_535) throw new Refused(400, 'Length must be 1-65535 characters', 'script');
  return script;
}

function imagesOf(value: unknown): string[] {
  const images = texts(value, 'images');
  if (images.length === 0) throw new Refused(400, 'images is required', 'images');
  return images;
}

/** A script that is public once stays so; Launch shall never make one so. */
function publicOf(value: unknown): boolean {
  if (value === undefined || value === false) return false;
  throw new Malformed('is_public can not be undone', 'is_public');
}
