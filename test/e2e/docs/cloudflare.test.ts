import { scenario } from '../../docs/scenarios/cloudflare.ts';
import { executeDocuments } from '../../support/documents/execute.ts';

executeDocuments('cloudflare', scenario);
