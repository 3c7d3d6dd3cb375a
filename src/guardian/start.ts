import { guard } from './main.ts';

await guard();
