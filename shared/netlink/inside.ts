import { platform } from '#platform';
import { failure } from '../error/failure.ts';
import { closeFile, Open, openFile } from '../system/files.ts';
import { errnoOf, refusalText } from './errno.ts';

const CLONE_NEWNET = 0x40000000;
const OWN = '/proc/thread-self/ns/net';

/**
 * Runs `work` with this thread in the network namespace open as `fd`: new sockets, programs and open files of /proc/sys belong
 * to that namespace. It must be synchronous: anything else that ran meanwhile would be in that namespace, too.
 */
export function inside<T>(fd: number, work: () => T): T {
  const own = openFile(OWN, Open.read);
  try {
    enter(fd);
    try {
      return work();
    } finally {
      enter(own);
    }
  } finally {
    closeFile(own);
  }
}

function enter(fd: number): void {
  try {
    platform.setns(fd, CLONE_NEWNET);
  } catch (thrown) {
    throw failure(`failed to enter a network namespace: ${refusalText(errnoOf(thrown))}`);
  }
}
