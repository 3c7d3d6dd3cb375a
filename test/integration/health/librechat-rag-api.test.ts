// What the RAG API's container is asked by services/librechat/compose.yml, run by the real Python.
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { closeServers, freePort, httpServer } from '../../support/local-server.ts';
import { ROOT } from '../../support/source-tree.ts';
import { requireTools } from '../../support/tools.ts';

requireTools('python3')('the health check of the RAG API', () => {
  afterEach(closeServers);

  const [, , ...given]: string[] = parse(readFileSync(join(ROOT, 'services/librechat/compose.yml'), 'utf8'), {
    merge: true,
  }).services.rag_api.healthcheck.test;
  const check = async (port: number): Promise<boolean> => {
    const command = given.map((it) => it.replace(':8000/', `:${port}/`));
    return await new Promise((done) => execFile('python3', command, (error) => done(error === null)));
  };
  const answering = async (status: number, body: string) =>
    (await httpServer((_, response) => void response.writeHead(status).end(body))).port;

  it('passes when it says that it is up', async () => {
    expect(await check(await answering(200, '{"status":"UP"}'))).toBe(true);
  });

  // https://github.com/danny-avila/rag_api/issues/297
  it.each([
    ['its database is down, which it says with status 200', 200, '[{"status":"DOWN"},503]'],
    ['asking its database throws', 200, '[{"status":"DOWN","error":"timeout"},503]'],
    ['it says so with status 503', 503, '{"status":"DOWN"}'],
    ['something else answers', 200, 'Welcome to nginx'],
  ])('fails when %s', async (_, status, body) => {
    expect(await check(await answering(status, body))).toBe(false);
  });

  it('fails when nothing answers', async () => {
    expect(await check(await freePort())).toBe(false);
  });
});
