import { describe, expect } from 'vitest';
import { tools } from '../../../build/tools.ts';
import { type CallChanges, test } from '../../support/bed/bed.ts';
import { addressesOf } from '../../support/calls/call.ts';
import { reaches } from '../../support/network/reach.ts';
import { conf } from '../../support/stored/cluster.ts';

describe('calico-ipam assigns addresses to', () => {
  test.for(['bridge', 'macvlan'])('%s, and releases them', async (type, { bed }) => {
    const container = await bed.container();
    const configuration = conf({ cniVersion: '1.0.0', type, master: 'uplink', isGateway: true });
    const changes: CallChanges = { plugin: `${tools().plugins}/${type}`, conf: configuration };
    const [address = ''] = addressesOf(await bed.add(container, changes));
    if (type === 'bridge') expect(await reaches(bed.host, address)).toBe(true);
    expect(Object.keys(await bed.etcd.dump()).join()).toContain(`/handle/net1.${container.containerID}`);
    await bed.del(container, changes);
    expect(Object.keys(await bed.etcd.dump()).join()).not.toContain('/handle/');
  });
});
