import { randomBytes } from 'node:crypto';
import type { LinodeClient } from '../../adapters/linode/api.ts';
import { listAvailability, listRegions, listTypes } from '../../adapters/linode/offers.ts';
import type { Offers } from '../../core/gpu/choose-place.ts';
import type { Reporter } from '../reporter.ts';
import { openLinode } from './access.ts';
import { type ReadFiles, readFiles } from './read-files.ts';
import type { BegunGpu, EnsureRequest } from './request.ts';

/** One run of `ensure`. */
export interface EnsureSession {
  readonly request: EnsureRequest;
  readonly client: LinodeClient;
  readonly reporter: Reporter;
  readonly offers: Offers;
  readonly files: ReadFiles;
  /** Of this run alone. */
  readonly run: string;
  /** For the summary and `--json`. */
  readonly notices: string[];
  /** Tells what people should know, and keeps it. */
  warn(message: string): void;
  /** What this run has begun; undefined: it has changed nothing that would have to be taken back. */
  begun: BegunGpu | undefined;
}

/** Reads what is needed and changes nothing. */
export async function openSession(request: EnsureRequest, reporter: Reporter): Promise<EnsureSession> {
  // What this machine can tell by itself comes first.
  const files = await readFiles(request);
  const client = openLinode(request);
  const [types, regions, availability] = await Promise.all([
    listTypes(client),
    listRegions(client),
    listAvailability(client),
  ]);
  const notices: string[] = [];
  return {
    request,
    client,
    reporter,
    files,
    notices,
    begun: undefined,
    offers: { types, regions, availability },
    run: randomBytes(6).toString('hex'),
    warn(message) {
      notices.push(message);
      reporter.warning(message);
    },
  };
}
