import { parseArgs } from 'node:util';
import { build, folderOf } from './executables.ts';
import { reasonOf, say } from './say.ts';
import { nativeTarget, TARGETS } from './targets.ts';

/** `npm run build [-- --target NAME]`: builds the executables for this machine or another platform. */
const { values } = parseArgs({ options: { target: { type: 'string', short: 't' } } });
const target =
  values.target === undefined ? nativeTarget() : Object.values(TARGETS).find(({ name }) => name === values.target);
if (target === undefined) {
  say(`Unknown target "${values.target}": one of ${Object.keys(TARGETS).join(', ')}`);
  process.exitCode = 1;
} else {
  try {
    await build(target);
    say(`Built: ${folderOf(target)}/calico, calico-ipam, calicoctl and calico-install`);
  } catch (error) {
    say(reasonOf(error));
    process.exitCode = 1;
  }
}
