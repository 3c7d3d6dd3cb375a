import { start } from '../launch.js';
await start('detect-changed-services');
