import { scenario } from '../../docs/scenarios/checkout.ts';
import { executeDocuments } from '../../support/documents/execute.ts';

executeDocuments('checkout', scenario);
