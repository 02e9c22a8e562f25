import { afterAll, beforeAll, expect, test } from 'vitest';
import { tools } from '../../../build/tools.ts';
import { addressesOf } from '../../support/calls/call.ts';
import { startEtcd } from '../../support/etcd/etcd.ts';
import { kddPod } from '../../support/kubernetes-datastore/bed.ts';
import { adminEnvironment } from '../../support/kubernetes-datastore/calicoctl.ts';
import { inBothGroups } from '../../support/kubernetes-datastore/cluster-of-tests.ts';
import { defineOtherKinds } from '../../support/kubernetes-datastore/other-kinds.ts';

const FILE = '/run/calico-test/exported.jsonl';
const ETCD = { DATASTORE_TYPE: 'etcdv3', ETCD_ENDPOINTS: 'http://127.0.0.1:2379' };
/** The same network with its data in etcd. */
const ON_ETCD = { datastore_type: 'etcdv3', etcd_endpoints: ETCD.ETCD_ENDPOINTS };

const DOCUMENTS = [
  { kind: 'NetworkPolicy', metadata: { name: 'let-in', namespace: 'prod' }, spec: { selector: "app == 'a'" } },
  {
    kind: 'GlobalNetworkSet',
    metadata: { name: 'friends', labels: { role: 'friend' } },
    spec: { nets: ['10.9.0.0/16'] },
  },
  { kind: 'BGPPeer', metadata: { name: 'rack' }, spec: { peerIP: '10.0.0.254', asNumber: 64513 } },
  {
    kind: 'IPAMConfiguration',
    metadata: { name: 'default' },
    spec: { strictAffinity: true, autoAllocateBlocks: true },
  },
].map((document) => JSON.stringify({ apiVersion: 'projectcalico.org/v3', ...document }));

inBothGroups('a cluster with living pods moves from %s', (bed, group) => {
  let etcd: Awaited<ReturnType<typeof startEtcd>>;
  beforeAll(async () => {
    await defineOtherKinds(bed.ask, group);
    etcd = await startEtcd(bed.host);
  });
  afterAll(() => etcd?.stop());

  async function run(env: Readonly<Record<string, string>>, line: string, input = '', status = 0) {
    const options = { env: { PATH: `${tools().bin}:/usr/sbin:/usr/bin:/sbin:/bin`, ...env }, input };
    const ran = await bed.host.run('sh', ['-c', `calicoctl ${line}`], options);
    expect(ran, `${line}\n${ran.stdout}${ran.stderr}`).toMatchObject({ exit: status });
    return ran;
  }
  const resources = async (env: Readonly<Record<string, string>>) => {
    const kinds = ['ippools', 'np -A', 'globalnetworksets', 'bgppeers', 'ipamconfig', 'blockaffinities'];
    const shown = [];
    for (const kind of kinds) shown.push((await run(env, `get ${kind} -o wide`)).stdout);
    return shown;
  };

  test('to etcd and back, and the pods keep their addresses', async () => {
    const kubernetes = adminEnvironment(bed);
    for (const document of DOCUMENTS) await run(kubernetes, 'apply -f -', document);
    const pods = [await bed.pod(), await bed.pod()];
    const containers = [await bed.container(), await bed.container()];
    const [name, other] = pods as [(typeof pods)[0], (typeof pods)[0]];
    const [container, second] = containers as [(typeof containers)[0], (typeof containers)[0]];
    const addresses = addressesOf(await bed.add(container, kddPod(name)));
    await bed.add(second, kddPod(other));
    const before = await resources(kubernetes);

    const unlocked = await run(kubernetes, `datastore migrate export > ${FILE}`, '', 1);
    expect(unlocked.stderr).toMatch(/^Failed to execute command: The datastore is not locked\n/);
    await run(kubernetes, 'datastore migrate lock');
    await run(kubernetes, `datastore migrate export > ${FILE}`);
    const there = await run(ETCD, `datastore migrate import -f ${FILE}`);
    expect(there.stdout).toMatch(
      /^Imported \d+ objects; 0 were there already\.\nChecked 1 block with 2 addresses, 1 affinity, 2 handles, 2 endpoints, 1 pool, 2 nodes .*\n\nCheck complete; found 0 problems\.\n/,
    );
    expect(await resources(ETCD)).toEqual(before);
    const again = await run(ETCD, `datastore migrate import -f ${FILE}`);
    expect(again.stdout).toMatch(/^Imported 0 objects; \d+ were there already\.\n/);
    await run(ETCD, 'datastore migrate unlock');
    expect(await bed.del(second, kddPod(other, ON_ETCD))).toBeUndefined();
    await bed.ask('DELETE', `/api/v1/namespaces/prod/pods/${other.pod}?gracePeriodSeconds=0`);
    await run(ETCD, 'delete bgppeer rack');
    const [third, late] = [await bed.pod(), await bed.container()];
    expect(addressesOf(await bed.add(late, kddPod(third, ON_ETCD)))).not.toEqual(addresses);
    expect((await run(ETCD, 'ipam check --grace=0')).stdout).toContain('found 0 problems');

    await run(ETCD, 'datastore migrate lock');
    await run(ETCD, `datastore migrate export > ${FILE}`);
    const surplus = await run(kubernetes, `datastore migrate import -f ${FILE}`, '', 1);
    expect(surplus.stderr).toMatch(
      /: this datastore has 2 objects that the file has not; nothing was imported\n {2}Handle\(\S+\)\n {2}BGPPeer\(rack\)\n/,
    );
    // Killed anywhere, it is finished by running it again.
    for (const seconds of ['0.1', '0.2', '0.3', '0.5'])
      await bed.host.run(
        'sh',
        ['-c', `timeout -s KILL ${seconds} calicoctl datastore migrate import --replace -f ${FILE}`],
        {
          env: { PATH: `${tools().bin}:/usr/sbin:/usr/bin:/sbin:/bin`, ...kubernetes },
        },
      );
    const back = await run(kubernetes, `datastore migrate import --replace -f ${FILE}`);
    expect(back.stdout).toMatch(/\nCheck complete; found 0 problems\.\n/);
    expect(await resources(kubernetes)).toEqual(await resources(ETCD));
    await run(kubernetes, 'datastore migrate unlock');
    expect(await bed.faults()).toEqual([]);
    await bed.del(late, kddPod(third));
    await bed.del(container, kddPod(name));
    expect(await bed.list('ipamhandles')).toEqual([]);
    expect((await run(kubernetes, 'ipam check --grace=0')).stdout).toContain('found 0 problems');
  });

  test('and is not imported over another cluster, or where an object cannot be stored', async () => {
    const kubernetes = adminEnvironment(bed);
    await bed.reset();
    const name = await bed.pod();
    const container = await bed.container();
    await bed.add(container, kddPod(name));
    const before = await bed.dump();
    const text = await bed.host.must('cat', [FILE]);
    const stranger = text.replaceAll('0123456789abcdef0123456789abcdef', 'fedcba9876543210fedcba9876543210');
    await bed.host.run('sh', ['-c', `cat > ${FILE}`], { input: stranger });
    const refused = await run(kubernetes, `datastore migrate import -f ${FILE}`, '', 1);
    expect(refused.stderr).toContain('this datastore holds the addresses of another cluster');
    const lines = text.trimEnd().split('\n');
    const more = [
      ...lines.slice(0, -1),
      '{"ref":"Handle(net_1.abc)","value":{"block":{},"deleted":false}}',
      `{"end":${lines.length - 1}}`,
    ];
    await bed.host.run('sh', ['-c', `cat > ${FILE}`], { input: more.map((line) => `${line}\n`).join('') });
    const unstorable = await run(kubernetes, `datastore migrate import -f ${FILE}`, '', 1);
    expect(unstorable.stderr).toContain(
      '1 objects cannot be stored here; nothing was imported\n  Handle(net_1.abc) cannot be stored',
    );
    expect(await bed.dump()).toEqual(before);
    await bed.host.run('sh', ['-c', `cat > ${FILE}`], { input: 'nonsense\n' });
    expect((await run(kubernetes, `datastore migrate import -f ${FILE}`, '', 1)).stderr).toContain(
      'is not an exported datastore',
    );
    expect((await run(kubernetes, 'datastore migrate import -f /nosuch', '', 1)).stderr).toContain(
      'cannot read /nosuch',
    );
  });
});
