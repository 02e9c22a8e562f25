import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, beforeEach, expect, test } from 'vitest';
import { faultBuild } from '../../faults/fault-build.ts';
import type { CallChanges, Container } from '../../support/calls/containers.ts';
import { kddConf } from '../../support/kubernetes-datastore/bed.ts';
import { inOneGroup } from '../../support/kubernetes-datastore/cluster-of-tests.ts';
import { expectNothingHeld, heldOn } from '../../support/kubernetes-datastore/held.ts';
import { type Conf, DUAL } from '../../support/stored/cluster.ts';

const TRACE = '/run/calico-test/boundaries';
/** A sample: every request takes some minutes. */
const STRIDE = process.env['EVERY_REQUEST'] === '1' ? 1 : 6;

/** A call of calico-ipam alone. */
const ipam = (changes: Conf = {}): CallChanges => ({ plugin: 'calico-ipam', conf: kddConf(changes) });

inOneGroup('a failed ADD of calico-ipam', (bed) => {
  let faulty: string;
  beforeAll(async () => {
    faulty = join(await faultBuild(), '../calico-ipam');
  }, 120_000);
  beforeEach(() => bed.reset());

  /** An ADD that finds no server from request number `at` on, 0 being none; how many requests it made. */
  async function cutOff(container: Container, at: number, changes: Conf = {}) {
    const trace = bed.host.file(TRACE);
    rmSync(trace, { force: true });
    const env = { CALICO_FAULT: `request ${at} before=down`, CALICO_FAULT_TRACE: TRACE };
    const ran = await bed.call('ADD', container, { ...ipam(changes), plugin: faulty, env });
    const text = existsSync(trace) ? readFileSync(trace, 'utf8') : '';
    return {
      ...ran,
      requests: text.match(/"kind":"request","number":\d+,"name":"[^"]*","phase":"before"/g)?.length ?? 0,
    };
  }

  test('keeps no address, whichever request is the last that finds the server', async () => {
    let failures = 0;
    for (let at = STRIDE; ; at += STRIDE) {
      await bed.reset();
      const [container, other] = [await bed.container(), await bed.container()];
      const ran = await cutOff(container, at);
      if (ran.requests < at) break;
      if (ran.exit !== 0) failures++;
      // Without a DEL of its own, which would release everything.
      await bed.del(other, ipam());
      const held = await heldOn(bed);
      expect(held.addresses, `request ${at}: ${ran.stdout}`).toHaveLength(ran.exit === 0 ? 1 : 0);
      await bed.del(container, ipam());
      await expectNothingHeld(bed, true);
    }
    expect(failures).toBeGreaterThan(3 / STRIDE);
  }, 400_000);

  test('that adds a family keeps the address that the container held before', async () => {
    await bed.apply(bed.objects.pool('default-ipv6-ippool', 'fd80:24e2:f998:72d6::/64'));
    const [container, other] = [await bed.container(), await bed.container()];
    const addedTo = async (at: number) => {
      await bed.add(container, ipam());
      const { addresses } = await heldOn(bed);
      return { ...(await cutOff(container, at, { ipam: DUAL })), addresses };
    };
    // The first claims the blocks that the second finds, as does the one that fails.
    await addedTo(0);
    await bed.del(container, ipam());
    const whole = await addedTo(0);
    expect(whole.exit).toBe(0);
    await bed.del(container, ipam());
    const failed = await addedTo(whole.requests);
    expect(failed.exit).not.toBe(0);
    await bed.del(other, ipam());
    expect((await heldOn(bed)).addresses).toEqual(expect.arrayContaining([...failed.addresses]));
    expect(failed.addresses).toHaveLength(1);
    await bed.del(container, ipam());
    await expectNothingHeld(bed, true);
  }, 60_000);
});
