import { existsSync, statSync } from 'node:fs';
import { describe, expect } from 'vitest';
import { type Bed, test } from '../../support/bed/bed.ts';
import { resultOf } from '../../support/calls/call.ts';
import { conf } from '../../support/stored/cluster.ts';

const LOCK = '/run/calico/ipam.lock';
const OTHER = '/run/calico/other';
/** Waiting for a turn ends after five seconds. */
const AT_ONCE_MS = 4_000;
const DEBUG = { conf: conf({ log_level: 'debug' }) };

describe("the lock at which this host's ADDs queue", () => {
  test('is created for its owner only', async ({ bed }) => {
    await taken(bed);
    expect(mode(bed, LOCK)).toBe('600');
  });

  test('of an earlier version, which any user could hold, gets stricter permissions', async ({ bed }) => {
    await bed.host.must('sh', ['-c', `umask 0; : > ${LOCK}; chmod 644 ${LOCK}`]);
    await taken(bed);
    expect(mode(bed, LOCK)).toBe('600');
  });

  test('cannot be held by another user', async ({ bed }) => {
    await taken(bed);
    const hold = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', 'flock', '--nonblock', LOCK, 'true'];
    expect(await bed.host.run('/usr/bin/env', hold)).toMatchObject({
      stderr: expect.stringMatching(/ermission denied/),
    });
  });

  test('does not keep a DEL from releasing while a stuck process holds it', async ({ bed }) => {
    const container = await bed.container();
    resultOf(await bed.call('ADD', container, DEBUG));
    await bed.host.must('sh', ['-c', `flock ${LOCK} sleep 30 <&- >&- 2>&- & while flock -n ${LOCK} true; do :; done`]);
    const ran = await bed.call('DEL', container, DEBUG);
    expect(ran.exit).toBe(0);
    expect(ran.stderr).toContain('Continuing without the IPAM lock');
    expect(Object.keys(await bed.etcd.dump('/calico/ipam/v2/handle/'))).toEqual([]);
  });

  test.for([
    ['a FIFO without a reader', `mkfifo ${LOCK}`],
    ['a FIFO that is held open', `mkfifo ${LOCK}; exec 3<>${LOCK}; sleep 20 >&- 2>&- & :`],
    ['a folder', `mkdir ${LOCK}`],
    ['a device', `mknod ${LOCK} c 1 3`],
    ["another user's file", `: > ${LOCK}; chown 65534 ${LOCK}`],
    ['a link to a file', `: > ${OTHER}; chmod 644 ${OTHER}; ln -s other ${LOCK}`],
    ['a link to nothing', `ln -s other ${LOCK}`],
    ['a hard link to a file', `: > ${OTHER}; chmod 644 ${OTHER}; ln ${OTHER} ${LOCK}`],
    ['a file in a world-writable directory', `: > ${LOCK}; chmod 1777 /run/calico`],
    ["a file in another user's directory", `: > ${LOCK}; chown 65534 /run/calico`],
  ])('is skipped, reported and left unchanged if there is %s', async ([, script = ''], { bed }) => {
    await bed.host.must('sh', ['-c', `mkdir /run/calico/cni; ${script}`]);
    const before = await listing(bed);
    const ran = await bed.call('ADD', await bed.container(), DEBUG);
    resultOf(ran);
    expect(ran.millis).toBeLessThan(AT_ONCE_MS);
    expect(ran.stderr).toMatch(
      /\[WARNING\].*: Cannot use the IPAM lock, continuing without .*details="(?:remove it|chown)/,
    );
    expect(await listing(bed)).toBe(before);
  });
});

/** An ADD that has had its turn. */
async function taken(bed: Bed): Promise<void> {
  const ran = await bed.call('ADD', await bed.container(), DEBUG);
  resultOf(ran);
  expect(ran.stderr).toContain(`Got the IPAM lock`);
  expect(existsSync(bed.host.file(LOCK))).toBe(true);
}

const mode = (bed: Bed, path: string) => (statSync(bed.host.file(path)).mode & 0o777).toString(8);
/** The hint of the ADD is in the folder `cni`. */
const listing = (bed: Bed) => bed.host.must('sh', ['-c', "ls -lan --time-style=+ /run/calico | grep -v ' cni$'"]);
