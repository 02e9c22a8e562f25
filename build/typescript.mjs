/** `node --import build/typescript.mjs FILE.ts`: lets Node >= 20 run the project's TypeScript. */
import { register } from 'node:module';

register('./typescript-hook.mjs', import.meta.url);
