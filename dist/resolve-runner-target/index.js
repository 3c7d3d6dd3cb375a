import { start } from '../launch.js';
await start('resolve-runner-target');
