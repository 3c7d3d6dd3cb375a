import type * as z from 'zod/mini';
import { answer, noContent, refusal } from '../../shared/src/answer.ts';
import { type ReadBody, readBody } from '../../shared/src/read-body.ts';
import type { Handler, Route } from '../../shared/src/routing.ts';
import { accessOfAdministrator } from './access.ts';
import type { Env } from './env.ts';
import { issueKey, keySettings, listKeys, revokeKey } from './key-store.ts';
import {
  deleteOrganisation,
  listOrganisations,
  organisationSettings,
  organisationsPerPage,
  readOrganisation,
  writeOrganisation,
} from './organisations.ts';

const list: Handler<Env> = async (_request, env, { after = '' }) => {
  const organisations = await listOrganisations(env, after);
  const next = organisations.length < organisationsPerPage ? null : (organisations.at(-1)?.id ?? null);
  return answer({ organisations, next });
};

const read: Handler<Env> = async (_request, env, { organisation = '' }) => {
  const found = await readOrganisation(env, organisation);
  return found === undefined ? noOrganisation() : answer(found);
};

const write: Handler<Env> = async (request, env, { organisation = '' }) => {
  const body = await read4k(request, organisationSettings);
  if (!body.ok) return body.refusal;
  await writeOrganisation(env, organisation, body.value);
  return answer(await readOrganisation(env, organisation));
};

const remove: Handler<Env> = async (_request, env, { organisation = '' }) =>
  (await deleteOrganisation(env, organisation)) ? noContent() : noOrganisation();

const keys: Handler<Env> = async (_request, env, { organisation = '' }) =>
  answer({ keys: await listKeys(env, organisation) });

const newKey: Handler<Env> = async (request, env, { organisation = '' }) => {
  const body = await read4k(request, keySettings);
  if (!body.ok) return body.refusal;
  const issued = await issueKey(env, organisation, body.value);
  return issued === undefined ? noOrganisation() : answer(issued, 201);
};

const revoke: Handler<Env> = async (_request, env, { organisation = '', key = '' }) =>
  (await revokeKey(env, organisation, key))
    ? noContent()
    : refusal(404, 'key_not_found', 'This organisation has no such key, or it is revoked already.');

/** What the operator does. */
export const administrationRoutes: readonly Route<Env>[] = [
  { path: '/v1/organisations', methods: { GET: administered(list) } },
  {
    path: '/v1/organisations/:organisation',
    methods: { GET: administered(read), PUT: administered(write), DELETE: administered(remove) },
  },
  {
    path: '/v1/organisations/:organisation/api-keys',
    methods: { GET: administered(keys), POST: administered(newKey) },
  },
  { path: '/v1/organisations/:organisation/api-keys/:key', methods: { DELETE: administered(revoke) } },
];

/** Nothing of these is done, nor told, before the operator's key is seen. */
function administered(handler: Handler<Env>): Handler<Env> {
  return async (request, env, parameters) => {
    const access = await accessOfAdministrator(env, request, parameters['organisation']);
    if (!access.ok) return access.refusal;
    const after = new URL(request.url).searchParams.get('after') ?? '';
    return await handler(request, env, { ...parameters, after });
  };
}

async function read4k<S extends z.ZodMiniType>(request: Request, schema: S): Promise<ReadBody<z.output<S>>> {
  return await readBody(request, schema, 4096);
}

function noOrganisation(): Response {
  return refusal(404, 'organisation_not_found', 'There is no such organisation.');
}
