import { expect, test } from 'vitest';
import { openClusterName } from '../../../shared/etcd/cluster-name.ts';
import { one } from '../../../shared/etcd/key-store.ts';
import { CLUSTER_INFORMATION_KEY } from '../../../shared/etcd/keys.ts';

const answer = (value?: string) => ({
  entries: value === undefined ? [] : [{ key: CLUSTER_INFORMATION_KEY, value, modRevision: 1 }],
  more: false,
  count: 1,
});

test('a store has no name before its ClusterInformation was read', () => {
  const name = openClusterName();
  name.hear([one('/other')], [answer()], 0xabcn);
  expect(name.get()).toBeUndefined();
  name.hear([one('/other'), one(CLUSTER_INFORMATION_KEY)], [answer(), answer('{"spec":{"clusterGUID":"g"}}')], 0xabcn);
  expect(name.get()).toBe('g');
});

test.for([undefined, 'null', '{"spec":null}', '{"spec":{"clusterGUID":""}}', '{"spec":{"clusterGUID":7}}', '{'])(
  'a store whose ClusterInformation is %s is named by etcd’s cluster ID',
  (value) => {
    const name = openClusterName();
    name.hear([one(CLUSTER_INFORMATION_KEY)], [answer(value)], 0xcdf818194e3a8c32n);
    expect(name.get()).toBe('etcd-cdf818194e3a8c32');
  },
);
