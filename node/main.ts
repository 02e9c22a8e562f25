/** What the commands of a machine's process need: one chunk of the executable. */

export { nodeParts } from './parts.ts';
export { ownExecutable } from './run/own-executable.ts';
export { runNode } from './run/run.ts';
export { stopNode } from './run/stop.ts';
export { unitText } from './run/unit.ts';
export { askNode } from './run/watched.ts';
export { nodeStatusOf } from './status/status.ts';
