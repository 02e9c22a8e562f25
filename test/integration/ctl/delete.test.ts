import { describe, expect } from 'vitest';
import { tools } from '../../../build/tools.ts';
import { type Bed, test } from '../../support/bed/bed.ts';
import { calicoctl, said } from '../../support/calicoctl/calicoctl.ts';
import { addressesOf } from '../../support/calls/call.ts';
import { caliLinks } from '../../support/network/netns.ts';

const NODE1 = '/calico/resources/v3/projectcalico.org/nodes/node1';
const QUESTION = 'Containers may still be running. Delete anyway? [y/N]';

/** Runs a line on a terminal (made by script), whose user gives this answer. */
const answered = ({ host }: Bed, line: string, answer: string) =>
  host.run('script', ['-qec', `${tools().bin}/calicoctl ${line}`, '/dev/null'], {
    input: `${answer}\n`,
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', ETCD_ENDPOINTS: 'http://127.0.0.1:2379', SHELL: '/bin/sh' },
  });

async function onePod(bed: Bed) {
  await bed.host.must('sh', ['-c', 'printf node1 > /var/lib/calico/nodename']);
  const container = await bed.container();
  const [address = ''] = addressesOf(await bed.add(container));
  return { container, address, endpoint: `node1-cni-${container.containerID}-eth0` };
}

const keysLike = async ({ etcd }: Bed, what: RegExp) => Object.keys(await etcd.dump()).filter((key) => what.test(key));

describe.concurrent('calicoctl delete node', () => {
  test('asks before pods lose their addresses, and lists what the node has', async ({ bed }) => {
    await onePod(bed);
    await bed.add(await bed.container());
    // The original's own entry of a host that uses IPAM.
    await bed.etcd.put({ '/calico/ipam/v2/host/node1': '' });
    const before = await bed.etcd.dump();
    const unasked = await calicoctl(bed, 'delete node node1');
    expect([unasked.exit, unasked.stderr]).toEqual([
      2,
      'Node(node1) has 2 endpoints with 2 addresses, 1 block\n' +
        'delete asks for confirmation when containers may still be running, but standard input is not a terminal: use --yes\nTry: calicoctl delete --help\n',
    ]);
    const refused = await answered(bed, 'delete node node1', 'n');
    expect([refused.exit, refused.stdout]).toEqual([1, expect.stringContaining(QUESTION)]);
    expect(refused.stdout).toContain('Nothing was changed.');
    expect(await bed.etcd.dump()).toEqual(before);
    const agreed = await answered(bed, 'delete node node1', 'y');
    expect([agreed.exit, agreed.stdout]).toEqual([
      0,
      expect.stringContaining("Successfully deleted 1 'Node' resource"),
    ]);
    expect(await keysLike(bed, /node1|workloadendpoints|\/handle\//)).toEqual([]);
  });

  test('does not ask if nothing is lost', async ({ bed }) => {
    expect(await said(bed, 'delete node node2')).toBe("Successfully deleted 1 'Node' resource(s)\n");
    const again = await calicoctl(bed, 'delete node node2');
    expect([again.exit, again.stderr]).toEqual([1, expect.stringContaining('resource does not exist: Node(node2)')]);
  });

  test('reports what a node that is gone had left', async ({ bed }) => {
    await onePod(bed);
    await bed.etcd.del(NODE1);
    const unasked = await calicoctl(bed, 'delete node node1');
    expect([unasked.exit, unasked.stderr]).toEqual([
      2,
      expect.stringMatching(/^There is no Node\(node1\); it left 1 endpoint with 1 address, 1 block\n/),
    ]);
    expect(await said(bed, 'delete node node1 --yes')).toBe(
      'There is no Node(node1); deleted what it left: 1 endpoint with 1 address, 1 block\n' +
        "Successfully deleted 1 'Node' resource(s)\n",
    );
    expect(await keysLike(bed, /node1|workloadendpoints|\/handle\//)).toEqual([]);
    const again = await calicoctl(bed, 'delete node node1 --yes');
    expect([again.exit, again.stdout]).toEqual([1, '']);
  });
});

describe.concurrent('calicoctl delete workloadendpoint', () => {
  test('refuses to delete the endpoint of a running container on this node, and deletes that of a container that is gone', async ({
    bed,
  }) => {
    const { address, endpoint } = await onePod(bed);
    const [link = ''] = await caliLinks(bed.host);
    const before = await bed.etcd.dump();
    const living = await calicoctl(bed, `delete wep ${endpoint} --yes`);
    expect([living.exit, living.stderr]).toEqual([1, expect.stringContaining(`its interface ${link} is on this node`)]);
    expect(await bed.etcd.dump()).toEqual(before);
    await bed.host.must('ip', ['link', 'del', link]);
    const unasked = await calicoctl(bed, `delete wep ${endpoint}`);
    expect([unasked.exit, unasked.stderr]).toEqual([
      2,
      expect.stringContaining(`(default/${endpoint}) on node1 of container`),
    ]);
    expect(await said(bed, `delete wep ${endpoint} --yes`)).toBe(
      "Successfully deleted 1 'WorkloadEndpoint' resource(s)\n",
    );
    expect(await keysLike(bed, /workloadendpoints|\/handle\//)).toEqual([]);
    expect(await said(bed, `ipam show --ip=${address}`)).toBe(`${address} is not assigned\n`);
    const again = await calicoctl(bed, `delete wep ${endpoint} --yes`);
    expect([again.exit, again.stderr]).toEqual([
      1,
      expect.stringContaining('resource does not exist: WorkloadEndpoint('),
    ]);
  });

  test('keeps an address that another endpoint has', async ({ bed }) => {
    const { address, endpoint } = await onePod(bed);
    const key = `/calico/resources/v3/projectcalico.org/workloadendpoints/default/${endpoint}`;
    const stale = ((await bed.etcd.dump())[key] ?? '').replaceAll('node1', 'old');
    await bed.etcd.put({ [key.replace('node1-', 'old-')]: stale });
    await said(bed, `delete wep ${endpoint.replace('node1-', 'old-')} --yes`);
    expect(await keysLike(bed, /workloadendpoints/)).toEqual([key]);
    expect(await said(bed, `ipam show --ip=${address}`)).toContain('is in use');
  });
});

test('the output of get can be created elsewhere: what the server sets is dropped', async ({ bed }) => {
  const shell = (line: string) =>
    bed.host.run('sh', ['-c', line], {
      env: { PATH: `${tools().bin}:/usr/sbin:/usr/bin:/sbin:/bin`, ETCD_ENDPOINTS: bed.etcd.endpoint },
    });
  for (const format of ['yaml', 'json']) {
    const before = await shell('calicoctl get ippools -o yaml');
    const ran = await shell(
      `calicoctl get ippools -o ${format} > /run/p && calicoctl delete pool default-ipv4-ippool && calicoctl create -f - < /run/p`,
    );
    expect(ran).toMatchObject({
      exit: 0,
      stderr: '',
      stdout: expect.stringContaining("Successfully created 1 'IPPool'"),
    });
    const unstamped = (text: string) => text.replaceAll(/^ +(?:uid|resourceVersion|creationTimestamp): .*\n/gm, '');
    expect(unstamped((await shell('calicoctl get ippools -o yaml')).stdout)).toBe(unstamped(before.stdout));
  }
});

test('version reports a cluster that init has set up', async ({ bed }) => {
  await bed.etcd.wipe();
  const none = await calicoctl(bed, 'version');
  expect([none.exit, none.stderr]).toEqual([
    1,
    'Unable to retrieve Cluster Version or Type: there is no ClusterInformation\n  set up a new cluster with: calicoctl init\n',
  ]);
  await said(bed, 'init --cluster-only');
  expect(await said(bed, 'version')).toMatch(
    /^Client Version: +\S+\nCluster Version: +none: calico\/node, which writes it, has not started yet\nCluster GUID: +[0-9a-f]{32}\n$/,
  );
  const key = '/calico/resources/v3/projectcalico.org/clusterinformations/default';
  const information = JSON.parse((await bed.etcd.dump())[key] ?? '');
  const spec = { ...information.spec, calicoVersion: 'v3.31.0', clusterType: 'k8s,bgp' };
  await bed.etcd.put({ [key]: JSON.stringify({ ...information, spec }) });
  expect(await said(bed, 'version')).toMatch(/\nCluster Version: +v3\.31\.0\nCluster Type: +k8s,bgp\nCluster GUID: /);
  await bed.etcd.put({ [key]: JSON.stringify({ ...information, spec: null }) });
  expect(await said(bed, 'version')).toContain('Cluster GUID:      none: calicoctl init makes one\n');
});
