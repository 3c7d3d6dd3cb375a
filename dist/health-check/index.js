import { start } from '../launch.js';
await start('health-check');
