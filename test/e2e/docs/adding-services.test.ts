import { scenario } from '../../docs/scenarios/adding-services.ts';
import { executeDocuments } from '../../support/documents/execute.ts';

executeDocuments('adding-services', scenario);
