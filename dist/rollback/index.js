import { start } from '../launch.js';
await start('rollback');
