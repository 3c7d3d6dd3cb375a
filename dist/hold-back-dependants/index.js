import { start } from '../launch.js';
await start('hold-back-dependants');
