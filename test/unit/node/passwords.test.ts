import { expect, test } from 'vitest';
import { keptPasswords } from '../../../node/bird/passwords.ts';
import { network } from '../../support/routing/network.ts';

const ref = (key: string) => ({ secretKeyRef: { name: 'bgp', key } });
const withPeers = (...keys: readonly string[]) =>
  network({ peers: Object.fromEntries(keys.map((key) => [key, { peerIP: '10.0.0.9', password: ref(key) }])) });

test('a password is read once for many changes, and one that is new at once', async () => {
  const read: string[] = [];
  const passwords = keptPasswords(async ({ name, key }) => {
    read.push(`${name}/${key}`);
    return key === 'absent' ? undefined : `secret of ${key}`;
  });
  for (let change = 0; change < 3; change++) {
    expect([...(await passwords.of(withPeers('rack', 'absent')))]).toEqual([['bgp/rack', 'secret of rack']]);
  }
  expect(read).toEqual(['bgp/rack', 'bgp/absent']);
  expect((await passwords.of(withPeers('rack', 'spine'))).get('bgp/spine')).toBe('secret of spine');
  expect(read.slice(2)).toEqual(['bgp/rack', 'bgp/spine']);
});
