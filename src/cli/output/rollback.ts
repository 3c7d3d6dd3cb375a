import * as z from 'zod/mini';
import { deploymentOutput } from './deploy.ts';
import { workerOutput } from './worker.ts';

/** Of a service on this machine, or of a worker. */
export const rollbackOutput = z.union([deploymentOutput, workerOutput]);
export type RollbackOutput = z.infer<typeof rollbackOutput>;
