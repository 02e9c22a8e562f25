import { utf8 } from '../bytes/text.ts';
import { errnoName } from '../system/errno.ts';
import { closeFile, makeFolder, Open, openFile, statusOf, writeFrom } from '../system/files.ts';
import { type EndedCall, lineOf, type Reclaimed, reclaimedLine } from './call-line.ts';

/** On tmpfs: after a boot nothing has been counted. */
const FOLDER = '/var/run/calico/cni';
/** The calls that have ended, one per line. */
export const CALLS = `${FOLDER}/calls`;
/** From this size on, the lines should be added up. */
const FULL = 16 << 10;
/** Beyond this size nothing is written: nobody has been able to add the lines up. */
export const LARGEST = 64 << 10;

/**
 * Appends a call to the file. Returns true when its lines should be added up. Nothing that goes wrong with the file concerns the
 * call, which has ended.
 */
export const noteCall = (call: EndedCall): boolean => note(lineOf(call));

/** The same with the addresses that a GC has released. */
export const noteReclaimed = (reclaimed: Reclaimed): boolean => note(reclaimedLine(reclaimed));

function note(line: string): boolean {
  try {
    return append(utf8(line));
  } catch {
    return false;
  }
}

function append(line: Uint8Array): boolean {
  const fd = openCalls();
  try {
    const { isFile, size } = statusOf(fd) ?? { isFile: false, size: 0n };
    if (!isFile || size > LARGEST) return false;
    // With one system call: lines of others are before or behind it.
    writeFrom(fd, line);
    return size >= FULL;
  } finally {
    closeFile(fd);
  }
}

function openCalls(): number {
  const flags = Open.append | Open.neverWait | Open.noLink;
  try {
    return openFile(CALLS, flags, 0o600);
  } catch (thrown) {
    if (errnoName(thrown) !== 'ENOENT') throw thrown;
    makeFolder(FOLDER, 0o755);
    return openFile(CALLS, flags, 0o600);
  }
}
