import { existsSync, statSync } from 'node:fs';
import { describe, expect } from 'vitest';
import { type Bed, test } from '../support/bed.ts';
import { conf } from '../support/cluster.ts';
import { resultOf } from '../support/cni.ts';

const LOCK = '/run/calico/ipam.lock';
const OTHER = '/run/calico/other';
/** Waiting in line ends after five seconds. */
const AT_ONCE_MS = 4_000;
const DEBUG = { conf: conf({ log_level: 'debug' }) };

describe("the lock that this host's ADDs stand in line at", () => {
  test('is made for its owner alone', async ({ bed }) => {
    await taken(bed);
    expect(mode(bed, LOCK)).toBe('600');
  });

  test('of an earlier version, which everybody could hold, is tightened', async ({ bed }) => {
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

  test.for([
    ['a FIFO that nobody reads', `mkfifo ${LOCK}`],
    ['a FIFO that is held open', `mkfifo ${LOCK}; exec 3<>${LOCK}; sleep 20 >&- 2>&- & :`],
    ['a folder', `mkdir ${LOCK}`],
    ['a device', `mknod ${LOCK} c 1 3`],
    ["another user's file", `: > ${LOCK}; chown 65534 ${LOCK}`],
    ['a link to a file', `: > ${OTHER}; chmod 644 ${OTHER}; ln -s other ${LOCK}`],
    ['a link to nothing', `ln -s other ${LOCK}`],
    ['another name of a file', `: > ${OTHER}; chmod 644 ${OTHER}; ln ${OTHER} ${LOCK}`],
    ['a file in a folder that everybody can write to', `: > ${LOCK}; chmod 1777 /run/calico`],
    ["a file in another user's folder", `: > ${LOCK}; chown 65534 /run/calico`],
  ])('is done without, said, and left as it is, where there is %s', async ([, script = ''], { bed }) => {
    await bed.host.must('sh', ['-c', script]);
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
const listing = (bed: Bed) => bed.host.must('ls', ['-lan', '--time-style=+', '/run/calico']);
