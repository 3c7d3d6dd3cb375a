import { scenario } from '../../docs/scenarios/migration.ts';
import { executeDocuments } from '../../support/documents/execute.ts';

executeDocuments('migration', scenario);
