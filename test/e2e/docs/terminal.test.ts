import { scenario } from '../../docs/scenarios/terminal.ts';
import { executeDocuments } from '../../support/documents/execute.ts';

executeDocuments('terminal', scenario);
