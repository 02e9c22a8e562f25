import { beforeAll, beforeEach, expect, test } from 'vitest';
import { namesOf, type Request, roundsOf } from '../../support/kubernetes/audit.ts';
import { distant, GAP, kddPod } from '../../support/kubernetes-datastore/bed.ts';
import { inBothGroups } from '../../support/kubernetes-datastore/cluster-of-tests.ts';
import { expectNothingHeld } from '../../support/kubernetes-datastore/held.ts';
import { DUAL } from '../../support/stored/cluster.ts';

const STORES = '/var/lib/calico/cni-stores.json';

inBothGroups('requests to %s', (bed, group) => {
  beforeAll(async () => {
    await bed.host.must('sh', ['-ec', 'echo 1 > /proc/sys/net/ipv6/conf/all/forwarding']);
  });
  beforeEach(() => bed.reset());

  /** A call by which the host comes to know the cluster. */
  const meet = async (by: typeof kddPod) => bed.del(await bed.container(), by({ namespace: 'prod', pod: 'none' }));

  const storesFile = async (): Promise<Readonly<Record<string, string>>> =>
    JSON.parse(await bed.host.must('cat', [STORES]));
  const remembered = async () => Object.values(await storesFile());

  /** How many rounds some work takes, and the requests in each. */
  async function measured(work: () => Promise<unknown>) {
    const { requests } = await bed.asked(work);
    return { rounds: roundsOf(requests, GAP), requests, what: story(requests) };
  }

  test.each([
    ['one family', {}],
    ['both families', { ipam: DUAL }],
  ])(
    'take at most 5 rounds for a node’s first ADD, 3 for the next and for DEL, 2 for a repeated DEL: %s',
    async (_, conf) => {
      await bed.apply(bed.objects.pool('default-ipv6-ippool', 'fd80:24e2:f998:72d6::/64'));
      const [name, next] = [await bed.pod(), await bed.pod()];
      const [container, other] = [await bed.container(), await bed.container()];
      await meet(distant);
      await bed.host.must('sh', ['-c', 'rm -f /var/run/calico/cni/hint-*']);
      const first = await measured(() => bed.add(container, distant(name, conf)));
      const warm = await measured(() => bed.add(other, distant(next, conf)));
      const del = await measured(() => bed.del(other, distant(next, conf)));
      const again = await measured(() => bed.del(other, distant(next, conf)));
      const rounds = { first: first.rounds, warm: warm.rounds, del: del.rounds, again: again.rounds };
      const timeline = [first, warm, del, again].map(({ what }) => what).join('\n\n');
      expect(rounds.first, timeline).toBeLessThanOrEqual(5);
      expect(rounds.warm, timeline).toBeLessThanOrEqual(3);
      expect(rounds.del, timeline).toBeLessThanOrEqual(3);
      expect(rounds.again, timeline).toBeLessThanOrEqual(2);
      // The original: 16 and 14 for one family.
      const size = 'ipam' in conf ? 20 : 16;
      expect(warm.requests.length, timeline).toBeLessThanOrEqual(size);
      expect(del.requests.length, timeline).toBeLessThanOrEqual(size);
      expect(again.requests.filter(isWrite), timeline).toEqual([]);
      for (const { requests } of [first, warm, del, again]) expect(readTwice(requests), timeline).toEqual([]);
      await bed.del(container, distant(name, conf));
      await expectNothingHeld(bed);
    },
  );

  test('find out which group the cluster has, and the host remembers it, without another request the next time', async () => {
    const names = [await bed.pod(), await bed.pod()] as const;
    const containers = [await bed.container(), await bed.container()] as const;
    await bed.host.must('rm', ['-f', STORES]);
    await bed.add(containers[0], kddPod(names[0]));
    const kept = group === 'projectcalico.org' ? ['projectcalico.org/v3'] : [];
    expect((await remembered()).filter((value) => /v\d$/.test(value))).toEqual(kept);
    const { requests } = await measured(() => bed.add(containers[1], kddPod(names[1])));
    const calicos = requests.filter(({ uri }) => uri.includes('projectcalico.org/'));
    expect(calicos.filter(({ uri }) => !uri.startsWith(`/apis/${group}/`))).toEqual([]);
    expect(requests.filter(({ uri }) => /^\/apis?(?:\?|$)/.test(uri))).toEqual([]);
  });

  test('correct a wrong memory of the group', async () => {
    await bed.host.must('rm', ['-f', STORES]);
    await meet(kddPod);
    const isUsual = group === 'crd.projectcalico.org';
    const stores = Object.entries(await storesFile());
    const marks = stores.filter(([key]) => !key.startsWith('group ')).map(([mark]) => mark);
    const wrong = marks.map((mark) => [`group ${mark}`, isUsual ? 'projectcalico.org/v3' : 'crd.projectcalico.org/v1']);
    const text = JSON.stringify({ ...Object.fromEntries(stores), ...Object.fromEntries(wrong) });
    await bed.host.must('sh', ['-ec', `printf %s '${text}' > ${STORES}`]);
    const name = await bed.pod();
    const container = await bed.container();
    await bed.add(container, kddPod(name));
    expect((await remembered()).filter((value) => /v\d$/.test(value))).toEqual(isUsual ? [] : ['projectcalico.org/v3']);
    await bed.del(container, kddPod(name));
    await expectNothingHeld(bed);
  });
});

const isWrite = ({ verb }: Request): boolean => !['get', 'list'].includes(verb);

/** Objects and lists that one call has read more than once. A block is read again when its turn comes. */
function readTwice(requests: readonly Request[]): readonly string[] {
  const read = requests.filter(({ verb }) => ['get', 'list'].includes(verb)).map(({ uri }) => uri);
  return read.filter((uri, at) => read.indexOf(uri) !== at);
}

/** When each request arrived and was answered, to see why there were more rounds than expected. */
const story = (requests: readonly Request[]): string =>
  requests
    .map(({ begin, end, name }, at) => {
      const since = (time: number) => Math.round(time - (requests[0]?.begin ?? 0));
      return `${since(begin)}-${since(end)} ms ${namesOf(requests)[at]} ${name}`;
    })
    .join('\n');
