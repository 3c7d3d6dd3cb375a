import { expect, it } from '@jest/globals';
import {
  hideInTraces,
  traceCall,
  traceCommand,
  traceCommands,
} from '../../../../src/adapters/process/command-trace.ts';

it('tells of commands and of changes at the engine, once somebody wants to know, without what is secret', () => {
  const lines: string[] = [];
  traceCommand(['git', 'before']);
  traceCommands((line) => lines.push(line));
  traceCommand(['git', 'fetch', 'https://ann:pass@host/x', "it's"]);
  hideInTraces((text) => text.replaceAll('s3cret', '***'));
  traceCommand(['curl', '-H', 'X-Token: s3cret']);
  traceCall('GET', '/containers/json');
  traceCall('POST', '/containers/a/start');
  expect(lines).toEqual([
    "$ git fetch https://***@host/x 'it'\\''s'",
    "$ curl -H 'X-Token: ***'",
    'docker engine: POST /containers/a/start',
  ]);
});
