import { start } from '../launch.js';
await start('compose-deploy', 'post');
