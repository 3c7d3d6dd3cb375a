import { scenario } from '../../docs/scenarios/adopt.ts';
import { executeDocuments } from '../../support/documents/execute.ts';

executeDocuments('adopt', scenario);
