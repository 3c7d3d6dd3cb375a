import { scenario } from '../../docs/scenarios/host.ts';
import { executeDocuments } from '../../support/documents/execute.ts';

executeDocuments('host', scenario);
