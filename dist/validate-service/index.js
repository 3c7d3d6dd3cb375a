import { start } from '../launch.js';
await start('validate-service');
