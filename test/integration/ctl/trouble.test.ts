import { describe, expect } from 'vitest';
import { tools } from '../../../build/tools.ts';
import { type Bed, type Container, test } from '../../support/bed/bed.ts';
import { calicoctl } from '../../support/calicoctl/calicoctl.ts';
import { addressesOf } from '../../support/calls/call.ts';
import type { Ran } from '../../support/host/host.ts';
import { usedAddresses } from '../../support/invariants/transitions.ts';
import { conf } from '../../support/stored/cluster.ts';

const RESOURCES = '/calico/resources/v3/projectcalico.org';
const POOLS = `${RESOURCES}/ippools`;
const POOL = 'default-ipv4-ippool';

/** Runs a shell line with our executables in PATH. */
const shell = ({ host, etcd }: Bed, line: string): Promise<Ran> =>
  host.run('sh', ['-c', line], {
    env: { PATH: `${tools().bin}:/usr/sbin:/usr/bin:/sbin:/bin`, ETCD_ENDPOINTS: etcd.endpoint },
  });

const keysLike = async ({ etcd }: Bed, what: RegExp) => Object.keys(await etcd.dump()).filter((key) => what.test(key));

describe.concurrent('calicoctl in trouble', () => {
  test('fails for one of two processes that create the same pool', async ({ bed }) => {
    const document = `{apiVersion: projectcalico.org/v3, kind: IPPool, metadata: {name: p1}, spec: {cidr: 10.1.0.0/16}}`;
    const ran = await Promise.all([1, 2].map(() => shell(bed, `echo '${document}' | calicoctl create -f -`)));
    expect(ran.map(({ exit }) => exit).sort()).toEqual([0, 1]);
    expect(ran.find(({ exit }) => exit === 1)?.stderr).toMatch(
      /^Failed to create 'IPPool' resource: \[resource already exists/,
    );
  });

  test('stores nothing of a document that is not in UTF-8, from a file or standard input', async ({ bed }) => {
    const before = await bed.etcd.dump();
    const set =
      'apiVersion: projectcalico.org/v3\\nkind: GlobalNetworkSet\\nmetadata:\\n  name: s1\\n  annotations: {by: "Jos\\351"}\\n';
    const at = 'line 5 is not in UTF-8\n  save it in UTF-8, or convert it: iconv -f LATIN1 -t UTF-8\n';
    const [file, name] = ['/run/calico-test/latin1.yaml', '/run/calico-test/latin1.jsonl'];
    expect(await shell(bed, `printf '${set}' > ${file}; calicoctl apply -f ${file}`)).toMatchObject({
      exit: 1,
      stderr: `Failed to execute command: error parsing ${file}: ${at}`,
    });
    expect(await shell(bed, `calicoctl apply -f - < ${file}`)).toMatchObject({
      exit: 1,
      stderr: `Failed to execute command: error parsing standard input: ${at}`,
    });
    const lines = `calicoctl datastore migrate lock; calicoctl datastore migrate export; printf '{"\\351"}\\n'; calicoctl datastore migrate unlock`;
    const exported = await shell(
      bed,
      `(${lines}) | grep '^{' > ${name}; calicoctl datastore migrate import -f ${name}`,
    );
    expect(exported).toMatchObject({ exit: 1, stderr: expect.stringContaining(`error parsing ${name}: line `) });
    expect(exported.stderr).toContain(' is not in UTF-8');
    expect(Object.keys(await bed.etcd.dump())).toEqual(Object.keys(before));
  });

  test('retries a pool deletion that was killed, and keeps the pool unused until then', async ({ bed }) => {
    await bed.add(await bed.container());
    const look = `calicoctl get pool ${POOL} -o json > /run/calico-test/pool`;
    const watch = `while ${look} && ! grep -q '"disabled": true' /run/calico-test/pool; do :; done`;
    await shell(bed, `calicoctl delete pool ${POOL} & ${watch}; kill -9 $!; wait`);
    expect((await calicoctl(bed, `delete pool ${POOL} --skip-not-exists`)).exit).toBe(0);
    expect(await keysLike(bed, /ippools|\/ipam\/v2\/host\//)).toEqual([]);
    // The pod keeps its address in a block without an owner.
    const [block = ''] = await keysLike(bed, /\/block\//);
    expect(JSON.parse((await bed.etcd.dump())[block] ?? '').affinity).toBeNull();
  });

  test('deletes a node with its endpoints, addresses and affinities', async ({ bed }) => {
    const container = await bed.container();
    await bed.add(container);
    expect(await calicoctl(bed, 'delete node node1 --yes')).toMatchObject({ exit: 0, stderr: '' });
    expect(await keysLike(bed, /node1|\/handle\/|\/block\/|workloadendpoints/)).toEqual([]);
    await bed.del(container);
  });

  test('deletes a node without addresses that now belong to others, whatever its endpoints and tunnels list', async ({
    bed,
  }) => {
    const [gone, living, moved] = [await bed.container(), await bed.container(), await bed.container()];
    const on2 = { conf: conf({ nodename: 'node2' }) };
    const [own = ''] = addressesOf(await bed.add(gone));
    const [others = ''] = addressesOf(await bed.add(living, on2));
    const [shared = ''] = addressesOf(await bed.add(moved));
    const alone = await bed.container();
    const [macvlans = ''] = addressesOf(await bed.add(alone, { ...on2, plugin: 'calico-ipam' }));
    const endpoints = `${RESOURCES}/workloadendpoints/default`;
    const stored = await bed.etcd.dump();
    const stale = stored[`${endpoints}/node1-cni-${gone.containerID}-eth0`] ?? '';
    const twice = stored[`${endpoints}/node1-cni-${moved.containerID}-eth0`] ?? '';
    const node1 = JSON.parse(stored[`${RESOURCES}/nodes/node1`] ?? '');
    await bed.etcd.put({
      [`${endpoints}/node1-cni-${gone.containerID}-eth0`]: stale.replace(
        `"${own}/32"`,
        `"${own}/32","${others}/32","${macvlans}/32"`,
      ),
      // Like a container that returned after its node was renamed.
      [`${endpoints}/node2-cni-${moved.containerID}-eth0`]: twice.replaceAll('node1', 'node2'),
      [`${RESOURCES}/nodes/node1`]: JSON.stringify({ ...node1, spec: { ...node1.spec, ipv4VXLANTunnelAddr: others } }),
    });
    const { exit, stderr } = await calicoctl(bed, 'delete node node1 --yes');
    const endpoint = (node: string, { containerID }: Container) =>
      `WorkloadEndpoint(default/${node}-cni-${containerID}-eth0)`;
    expect({ exit, lines: stderr.trim().split('\n').sort() }).toEqual({
      exit: 0,
      lines: [
        `${others} of ${endpoint('node1', gone)} is not released: ${endpoint('node2', living)} has it`,
        `${others} of a tunnel of Node(node1) is not released: ${endpoint('node2', living)} has it`,
        `${macvlans} of ${endpoint('node1', gone)} is not released: it is held by net1.${alone.containerID}`,
        `${shared} of ${endpoint('node1', moved)} is not released: ${endpoint('node2', moved)} has it`,
      ].sort(),
    });
    expect([...usedAddresses(await bed.etcd.dump())].sort()).toEqual([others, shared, macvlans].sort());
    expect(await keysLike(bed, /workloadendpoints\/default\/node1/)).toEqual([]);
    await bed.del(living, on2);
  });

  test('reports what cannot be parsed, and shows the rest', async ({ bed }) => {
    await bed.etcd.put({ [`${POOLS}/bad`]: '{"kind":', [`${POOLS}/worse`]: '[]' });
    const { exit, stdout, stderr } = await calicoctl(bed, 'get ippools');
    expect({ exit, lines: stdout.trim().split('\n').length }).toEqual({ exit: 0, lines: 2 });
    expect(stderr).toMatch(
      /^Skipped: failed to parse datastore entry key=\S+\/bad; value=\{"kind":: .*\nSkipped: .*worse/,
    );
    expect(await calicoctl(bed, 'get ippool bad')).toMatchObject({ exit: 1, stdout: '' });
    await bed.etcd.del(`${POOLS}/bad`, `${POOLS}/worse`);
  });

  test('names an etcd that is dead', async ({ bed }) => {
    await bed.etcd.stop();
    const { exit, stdout, stderr } = await calicoctl(bed, 'get nodes');
    expect({ exit, stdout }).toEqual({ exit: 1, stdout: '' });
    expect(stderr).toMatch(/^Failed to execute command: etcd cannot be reached: http:\/\/127\.0\.0\.1:2379\n {2}\S/);
    expect(stderr).not.toMatch(/\n\s+at /);
    const version = await calicoctl(bed, 'version');
    expect(version).toMatchObject({ exit: 1, stdout: expect.stringMatching(/^Client Version: +\d+\.\d+\.\d+\n$/) });
    expect(version.stderr).toMatch(/^Unable to retrieve Cluster Version or Type: etcd cannot be reached/);
  });

  test('exits silently when the reader of its output goes away', async ({ bed }) => {
    const { stderr } = await shell(bed, '(sleep 0.3; calicoctl get nodes -o yaml; echo status $? >&2) | true');
    expect(stderr).toBe('status 141\n');
  });
});
