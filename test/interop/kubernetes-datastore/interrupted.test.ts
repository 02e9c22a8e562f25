import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { CallChanges, Container } from '../../support/calls/containers.ts';
import type { Ran } from '../../support/host/host.ts';
import { hasKubernetes } from '../../support/kubernetes/api-server.ts';
import { type Fault, type FaultyApi, startFaultyApi } from '../../support/kubernetes/faulty-api.ts';
import { writeKubeconfig } from '../../support/kubernetes/pods.ts';
import { type KubernetesBed, kddConf, kddPod, openKubernetesBed } from '../../support/kubernetes-datastore/bed.ts';
import { expectNothingHeld, heldOn } from '../../support/kubernetes-datastore/held.ts';
import { type Conf, DUAL } from '../../support/stored/cluster.ts';

const SPOILT = '/run/calico-test/spoilt-kubeconfig';
/** Longer than any call takes here unless it is held up. */
const KILL_AFTER = 1_500;
const FAULTS: readonly Fault[] = ['held before', 'held after', 'lost', 'gone', 409, 429, 500];

/** A sample: with EVERY_REQUEST=1, which takes a quarter of an hour, each request of each call is disturbed. */
const STRIDE = process.env['EVERY_REQUEST'] === '1' ? 1 : 6;

/** A call whose requests are disturbed one after another, and the state it starts from. */
interface Scenario {
  readonly verb: 'ADD' | 'DEL';
  /** Whether another pod of the node already has a block. */
  readonly warm: boolean;
  readonly conf?: Conf;
}

const SCENARIOS: Readonly<Record<string, Scenario>> = {
  'a first ADD': { verb: 'ADD', warm: false },
  'a warm ADD': { verb: 'ADD', warm: true },
  'a warm ADD of both families': { verb: 'ADD', warm: true, conf: { ipam: DUAL } },
  'a DEL': { verb: 'DEL', warm: true },
};

/** A call of calico-ipam alone. */
const ipam = (changes: Conf = {}): CallChanges => ({ plugin: 'calico-ipam', conf: kddConf(changes) });

describe.skipIf(!hasKubernetes())('one disturbed request', () => {
  let bed: KubernetesBed;
  let faulty: FaultyApi;
  beforeAll(async () => {
    bed = await openKubernetesBed();
    faulty = await startFaultyApi(bed.host);
    writeKubeconfig(bed, { ...bed.kubernetes, url: faulty.url }, undefined, SPOILT);
    await bed.host.must('sh', ['-ec', 'echo 1 > /proc/sys/net/ipv6/conf/all/forwarding']);
  });
  beforeEach(() => bed.reset());
  afterAll(async () => {
    faulty?.close();
    await bed?.close();
  });

  const cases = Object.keys(SCENARIOS).flatMap((what) => FAULTS.map((fault) => [what, fault] as const));

  test.each(cases)(
    'of %s, %s, leaves nothing that the next calls do not clean up',
    async (what, fault) => {
      const { verb, warm, conf = {} } = SCENARIOS[what] as Scenario;
      const stories: string[] = [];
      for (let at = 1 + (FAULTS.indexOf(fault) % STRIDE); ; at += STRIDE) {
        await bed.reset();
        await bed.apply(bed.objects.pool('default-ipv6-ippool', 'fd80:24e2:f998:72d6::/64'));
        if (warm) await neighbour(conf);
        const name = await bed.pod();
        const container = await bed.container();
        const [plain, spoilt] = [kddPod(name, conf), kddPod(name, { ...conf, kubernetes: { kubeconfig: SPOILT } })];
        if (verb === 'DEL') await bed.add(container, plain);
        await faulty.spoil(at, fault);
        const ran = await call(verb, container, spoilt, fault);
        const reached = faulty.count() >= at;
        await faulty.spoil(0);
        const story = `${what}, request ${at} ${fault}: exit ${ran.exit} after ${Math.round(ran.millis)} ms ${ran.stdout}`;
        stories.push(story);
        await mended(verb, container, plain, story);
        if (!reached) break;
      }
      expect(stories.length, stories.join('\n')).toBeGreaterThan(6 / STRIDE);
    },
    400_000,
  );

  test('a failed ADD of calico-ipam keeps no address, whichever request is the last that finds the server', async () => {
    let failures = 0;
    for (let at = STRIDE; ; at += STRIDE) {
      await bed.reset();
      const [container, other] = [await bed.container(), await bed.container()];
      await faulty.spoil(at, 'gone');
      const ran = await bed.call('ADD', container, ipam({ kubernetes: { kubeconfig: SPOILT } }));
      const reached = faulty.count() >= at;
      await faulty.spoil(0);
      if (!reached) break;
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

  test('a failed ADD of calico-ipam that adds a family keeps the address that the container held before', async () => {
    await bed.apply(bed.objects.pool('default-ipv6-ippool', 'fd80:24e2:f998:72d6::/64'));
    const [container, other] = [await bed.container(), await bed.container()];
    const both = { ipam: DUAL, kubernetes: { kubeconfig: SPOILT } };
    const addedTo = async (at: number) => {
      await bed.add(container, ipam());
      const { addresses } = await heldOn(bed);
      await faulty.spoil(at, 'gone');
      const { exit } = await bed.call('ADD', container, ipam(both));
      const requests = faulty.count();
      await faulty.spoil(0);
      return { exit, requests, addresses };
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

  function call(verb: string, container: Container, changes: CallChanges, fault: Fault): Promise<Ran> {
    const held = fault === 'held before' || fault === 'held after';
    return bed.call(verb, container, { ...changes, ...(held ? { killAfter: KILL_AFTER } : {}) });
  }

  async function neighbour(conf: Conf): Promise<void> {
    const name = await bed.pod();
    const container = await bed.container();
    await bed.add(container, kddPod(name, conf));
    await bed.del(container, kddPod(name, conf));
  }

  /** The invariants hold at once, DEL removes everything, and the container can be added again. */
  async function mended(verb: string, container: Container, plain: CallChanges, story: string): Promise<void> {
    expect(await bed.faults(true), story).toEqual([]);
    await bed.del(container, plain);
    await expectNothingHeld(bed, true);
    if (verb === 'DEL') return;
    await bed.add(container, plain);
    expect(await bed.faults(), story).toEqual([]);
    await bed.del(container, plain);
    await expectNothingHeld(bed);
  }
});
