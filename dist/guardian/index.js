import { guard } from '../launch.js';
await guard();
