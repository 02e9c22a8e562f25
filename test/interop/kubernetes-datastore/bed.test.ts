import { beforeEach, expect, test } from 'vitest';
import { namesOf, roundsOf } from '../../support/kubernetes/audit.ts';
import { PLUGIN_TOKEN } from '../../support/kubernetes/plugin-user.ts';
import { type KubernetesBed, NETWORK } from '../../support/kubernetes-datastore/bed.ts';
import { inBothGroups } from '../../support/kubernetes-datastore/cluster-of-tests.ts';
import { resourcePath } from '../../support/kubernetes-datastore/custom-resources.ts';
import { affinityName, blockName, hostHash } from '../../support/kubernetes-datastore/objects.ts';
import { grantRights, RIGHTS } from '../../support/kubernetes-datastore/plugin-rights.ts';

const CIDR = '192.168.89.64/26';
const HANDLE = `${NETWORK}.c0ffee0001`;

test("affinities have the original's labels and names", () => {
  expect(hostHash('node1')).toBe('7DS2CCNJGGLTHBDQLLFO6SX24SY2YDDEG3W2VN556FA2W4DLLV5A');
  expect(hostHash('worker-0')).toBe('X7BR7XCJKI7BG5JQPGCRAEH5U2OJJEBXJHJOT5IPI72SS4JOEUTA');
  expect(affinityName('node1', '192.168.89.112/28')).toBe('node1-192-168-89-112-28');
  expect(blockName('fd00:1::c0/122')).toBe('fd00-1--c0-122');
});

inBothGroups('the bed with %s', (bed, group) => {
  beforeEach(() => bed.reset());

  const holders = [{ handleID: HANDLE, attributes: { node: 'node1' } }];

  test('finds no problem after an ADD, and detects what is missing', async () => {
    const { objects, apply } = bed;
    await apply(objects.affinity('node1', CIDR));
    await apply(objects.block(CIDR, { node: 'node1', holders }));
    await apply(objects.handle(HANDLE, { [CIDR]: 1 }));
    const name = await bed.pod();
    expect(await bed.faults()).toEqual([]);
    await patchPod(bed, name.pod, '192.168.89.64/32');
    expect(await bed.faults()).toEqual([]);
    await apply(objects.handle(HANDLE, { [CIDR]: 2 }));
    expect(await bed.faults()).toEqual([expect.stringMatching(/^14: /)]);
    await apply(objects.handle(HANDLE, { [CIDR]: 1 }, { deleted: true }));
    expect(await bed.faults()).toEqual([expect.stringMatching(/^K8: /)]);
    await apply(objects.block(CIDR, { node: 'node1' }));
    expect(await bed.faults(true)).toEqual([expect.stringMatching(/^K7: /), expect.stringMatching(/^K8: /)]);
  });

  test('records every single write in order', async () => {
    const { objects, apply } = bed;
    const right = async () => {
      await apply(objects.affinity('node1', CIDR, { state: 'pending' }));
      await apply(objects.block(CIDR, { node: 'node1', holders }));
      await apply(objects.handle(HANDLE, { [CIDR]: 1 }));
      await apply(objects.affinity('node1', CIDR));
    };
    expect(await bed.faultsDuring(right)).toEqual([]);
    await bed.reset();
    const wrong = async () => {
      await apply(objects.affinity('node1', CIDR));
      await apply(objects.block(CIDR, { node: 'node1' }));
      await apply(objects.handle(HANDLE, { [CIDR]: 1 }));
      await apply(objects.block(CIDR, { node: 'node1', holders }));
      await bed.ask('DELETE', resourcePath(group, 'blockaffinities', affinityName('node1', CIDR)));
    };
    const seen = (await bed.faultsDuring(wrong)).map((fault) => fault.slice(0, 3));
    expect([...new Set(seen)].sort()).toEqual(['K11', 'K3 ', 'K5 ', 'K6 ']);
  });

  test('counts the requests of the plugin’s user, which has exactly the original’s permissions', async () => {
    const ask = bed.kubernetes.askAs(PLUGIN_TOKEN);
    const { requests } = await bed.asked(async () => {
      await ask('GET', resourcePath(group, 'ippools'));
      await Promise.all([ask('GET', '/api/v1/pods'), ask('GET', resourcePath(group, 'ipamblocks', 'none'))]);
      await bed.ask('GET', '/api/v1/pods');
    });
    expect(namesOf(requests).toSorted()).toEqual(['get ipamblocks 404', 'list ippools', 'list pods 403']);
    expect(roundsOf(requests, 0)).toBeGreaterThan(1);
    expect(roundsOf(requests, 10_000)).toBe(1);
    await grantRights(
      bed.ask,
      RIGHTS.filter(({ resource }) => resource !== 'ippools'),
    );
    expect((await ask('GET', resourcePath(group, 'ippools'))).status).toBe(403);
    await grantRights(bed.ask);
    expect((await ask('GET', resourcePath(group, 'ippools'))).status).toBe(200);
    expect((await ask('GET', `${resourcePath(group, 'ippools')}?watch=1`)).status).toBe(403);
  });

  test('keeps its data when the API server restarts', async () => {
    await bed.kubernetes.kill();
    await expect(bed.ask('GET', '/readyz')).rejects.toThrow();
    await bed.kubernetes.restart();
    expect(await bed.list('ippools')).toHaveLength(1);
  });
});

async function patchPod(bed: KubernetesBed, pod: string, address: string): Promise<void> {
  const annotations = {
    'cni.projectcalico.org/containerID': 'c0ffee0001',
    'cni.projectcalico.org/podIP': address,
    'cni.projectcalico.org/podIPs': address,
  };
  const path = `/api/v1/namespaces/prod/pods/${pod}/status`;
  expect((await bed.kubernetes.askAs(PLUGIN_TOKEN)('PATCH', path, { metadata: { annotations } })).status).toBe(200);
}
