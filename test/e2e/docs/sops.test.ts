import { scenario } from '../../docs/scenarios/sops.ts';
import { executeDocuments } from '../../support/documents/execute.ts';

executeDocuments('sops', scenario);
