import { answer, noContent, refusal } from '../../shared/src/answer.ts';
import { readBody } from '../../shared/src/read-body.ts';
import type { Handler, Route } from '../../shared/src/routing.ts';
import { accessToOrganisation } from './access.ts';
import { configuration, configurationLimit } from './configuration.ts';
import {
  deleteConfiguration,
  type Precondition,
  readConfiguration,
  writeConfiguration,
} from './configuration-store.ts';
import type { Env } from './env.ts';
import { listInstances } from './instances.ts';
import { readOrganisation } from './organisations.ts';

const read: Handler<Env> = async (request, env, { organisation = '' }) => {
  const access = await accessToOrganisation(env, request, organisation, 'configuration:read');
  if (!access.ok) return access.refusal;
  const stored = await readConfiguration(env, organisation);
  if (stored === undefined) return nothingThere();
  return answer(stored.value, 200, { etag: `"${stored.revision}"` });
};

const write: Handler<Env> = async (request, env, { organisation = '' }) => {
  const access = await accessToOrganisation(env, request, organisation, 'configuration:write');
  if (!access.ok) return access.refusal;
  const precondition = preconditionOf(request);
  if (precondition === 'unknown') return badPrecondition();
  const body = await readBody(request, configuration, configurationLimit);
  if (!body.ok) return body.refusal;
  if ((await readOrganisation(env, organisation)) === undefined) {
    return refusal(404, 'organisation_not_found', 'There is no such organisation.');
  }
  const revision = await writeConfiguration(env, organisation, body.value, access.by, precondition);
  if (revision === undefined) return changedMeanwhile();
  return answer(body.value, 200, { etag: `"${revision}"` });
};

const remove: Handler<Env> = async (request, env, { organisation = '' }) => {
  const access = await accessToOrganisation(env, request, organisation, 'configuration:write');
  if (!access.ok) return access.refusal;
  const precondition = preconditionOf(request);
  if (precondition === 'unknown' || precondition === 'absent') return badPrecondition();
  if (await deleteConfiguration(env, organisation, precondition?.revision)) return noContent();
  return precondition === undefined ? nothingThere() : changedMeanwhile();
};

const instances: Handler<Env> = async (request, env, { organisation = '' }) => {
  const access = await accessToOrganisation(env, request, organisation, 'configuration:read');
  if (!access.ok) return access.refusal;
  return answer({ instances: await listInstances(env, organisation) });
};

/** What an organisation does with its own key. */
export const configurationRoutes: readonly Route<Env>[] = [
  {
    path: '/v1/organisations/:organisation/configuration',
    methods: { GET: read, PUT: write, DELETE: remove },
  },
  { path: '/v1/organisations/:organisation/instances', methods: { GET: instances } },
];

function preconditionOf(request: Request): Precondition | 'unknown' {
  const match = request.headers.get('if-match');
  const noneMatch = request.headers.get('if-none-match');
  if (match === null && noneMatch === null) return undefined;
  if (match === null) return noneMatch === '*' ? 'absent' : 'unknown';
  const revision = /^"([0-9a-f-]{36})"$/.exec(match)?.[1];
  return revision === undefined || noneMatch !== null ? 'unknown' : { revision };
}

function badPrecondition(): Response {
  return refusal(400, 'invalid_request', 'Known here: If-Match: "<etag>", and for PUT If-None-Match: *.');
}

function nothingThere(): Response {
  return refusal(404, 'configuration_not_found', 'This organisation has no configuration.');
}

function changedMeanwhile(): Response {
  return refusal(412, 'changed_meanwhile', 'It is not what you have seen. Read it again.');
}
