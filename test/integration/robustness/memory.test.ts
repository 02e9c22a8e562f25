import { describe, expect } from 'vitest';
import { LAST_WORDS } from '../../../shared/cni/skel.ts';
import { faultBuild } from '../../faults/fault-build.ts';
import { type Bed, type Container, test } from '../../support/bed/bed.ts';
import { failureOf } from '../../support/calls/call.ts';
import { callConfined } from '../../support/calls/confined.ts';
import type { Ran } from '../../support/host/host.ts';
import { caliLinks, netnsPath } from '../../support/network/netns.ts';
import { conf } from '../../support/stored/cluster.ts';

/** The first are hardly enough to start the engine; with the last nothing fails. */
const KILOBYTES = Array.from({ length: 44 }, (_, step) => 5000 + step * 64);

const MEMORY = {
  code: 999,
  msg: expect.stringMatching(/^(?:out of memory|internal error) while |^internal error: the process could not go on$/),
};

const withMemory = (bed: Bed, kilobytes: number, command: string, { containerID, netns }: Container) => {
  const words = ['/bin/sh', '-c', `ulimit -v ${kilobytes}; exec "$@"`, 'sh'];
  const call = { command, containerID, netns: netnsPath(netns), conf: conf({ cniVersion: '1.1.0' }) };
  return callConfined(bed.host, { name: '', words }, call);
};

/** What is said, on standard error alone, where there is not even an engine. */
const NO_ENGINE = { stdout: '', stderr: expect.stringMatching(/^cannot start the engine|out of memory/i) };

/** Success, or one error object that says what was missing. */
function expectSuccessOrMemory(ran: Ran, context: unknown): boolean {
  if (ran.exit === 0) return true;
  if (ran.exit === 70) {
    expect({ context, ...ran }).toMatchObject({ context, ...NO_ENGINE });
    return false;
  }
  expect({ context, ...failureOf(ran) }).toMatchObject({ context, ...MEMORY });
  return false;
}

describe('out of memory at any moment is an error object with code 999, and the next DEL leaves nothing:', () => {
  test('ADD and DEL', { timeout: 300_000 }, async ({ bed }) => {
    const before = await bed.state();
    const ended = [];
    for (const kilobytes of KILOBYTES) {
      const container = await bed.container();
      const added = expectSuccessOrMemory(await withMemory(bed, kilobytes, 'ADD', container), {
        kilobytes,
        call: 'ADD',
      });
      if (!added) await bed.add(container);
      const deleted = expectSuccessOrMemory(await withMemory(bed, kilobytes, 'DEL', container), {
        kilobytes,
        call: 'DEL',
      });
      await bed.del(container);
      ended.push(added, deleted);
    }
    expect(new Set(ended)).toEqual(new Set([true, false]));
    expect((await bed.state()).host).toEqual(before.host);
  });
});

describe('DEL still removes the interface when memory runs out at a request to the datastore:', () => {
  test.for(['request 2 before', 'request 2 after', 'request 3 before'])('%s', async (place, { bed }) => {
    const container = await bed.container();
    await bed.add(container);
    const ran = await bed.call('DEL', container, {
      plugin: await faultBuild(),
      env: { CALICO_FAULT: `${place}=memory` },
    });
    expectSuccessOrMemory(ran, place);
    expect(await caliLinks(bed.host)).toEqual([]);
    await bed.del(container);
  });
});

describe('a crash of native code is an error object with code 999, and the next DEL leaves nothing:', () => {
  test.for(['ADD request', 'ADD kernel', 'ADD file', 'DEL request', 'DEL file'])('%s', async (name, { bed }) => {
    const [command = '', kind = ''] = name.split(' ');
    const plugin = await faultBuild();
    const container = await bed.container();
    const before = await bed.state();
    if (command === 'DEL') await bed.add(container);
    const env = { CALICO_FAULT: `${kind} 1 before=crash` };
    const ran = await bed.call(command, container, { plugin, env });
    expect({ exit: ran.exit, stdout: ran.stdout }).toEqual({ exit: 1, stdout: LAST_WORDS });
    await bed.del(container);
    expect((await bed.state()).host).toEqual(before.host);
  });
});
