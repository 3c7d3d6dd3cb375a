import { scenario } from '../../docs/scenarios/kamal.ts';
import { executeDocuments } from '../../support/documents/execute.ts';

executeDocuments('kamal', scenario);
