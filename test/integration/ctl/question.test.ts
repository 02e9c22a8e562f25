import { expect, test } from 'vitest';
import { tools } from '../../../build/tools.ts';
import { machine } from '../../support/bed/etcd-machine.ts';
import { MENDABLE } from '../../support/stored/ipam-damage.ts';
import { damaged } from '../../support/stored/ipam-healthy.ts';

const [damage] = MENDABLE;

test.each([
  ['n', 1, 'Nothing was changed.'],
  ['y', 0, 'fixed 1 problem, 0 left.'],
])('ipam repair on a terminal asks before it repairs: %s', async (answer, status, says) => {
  const before = damaged(damage ?? { put: {} });
  const bed = await machine(before);
  const line = `${tools().bin}/calicoctl ipam repair`;
  // script provides a terminal and passes the answer on.
  const { exit, stdout } = await bed.host.run('script', ['-qec', line, '/dev/null'], {
    input: `${answer}\n`,
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', ETCD_ENDPOINTS: 'http://127.0.0.1:2379', SHELL: '/bin/sh' },
  });
  expect(stdout).toContain('Repair 1 problem? [y/N]');
  expect([exit, stdout]).toEqual([status, expect.stringContaining(says)]);
  const after = await bed.etcd.dump();
  if (answer === 'n') expect(after).toEqual(before);
  else expect(after).not.toEqual(before);
});
