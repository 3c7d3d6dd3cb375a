import { scenario } from '../../docs/scenarios/wrangler-action.ts';
import { executeDocuments } from '../../support/documents/execute.ts';

executeDocuments('wrangler-action', scenario);
