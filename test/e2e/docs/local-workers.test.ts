import { scenario } from '../../docs/scenarios/local-workers.ts';
import { executeDocuments } from '../../support/documents/execute.ts';

executeDocuments('local-workers', scenario);
