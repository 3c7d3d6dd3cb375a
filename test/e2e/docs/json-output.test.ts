import { scenario } from '../../docs/scenarios/json-output.ts';
import { executeDocuments } from '../../support/documents/execute.ts';

executeDocuments('json-output', scenario);
