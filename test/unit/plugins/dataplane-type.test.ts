import { expect, test } from 'vitest';
import { requireKnownDevice } from '../../../plugins/call/preconditions.ts';
import { readNetConf } from '../../../shared/cni/netconf-read.ts';

test.each([
  ['x', 'x'],
  [null, '<nil>'],
  [7, '7'],
  [{ a: 1 }, '{"a":1}'],
])('a dataplane type of %j is refused', (type, shown) => {
  const conf = readNetConf(JSON.stringify({ dataplane_options: { type } }));
  expect(() => requireKnownDevice(conf)).toThrow(`invalid dataplane type: ${shown}`);
});

test('without options or type, or with null options, the Linux dataplane is used', () => {
  for (const options of [
    {},
    { dataplane_options: null },
    { dataplane_options: {} },
    { dataplane_options: { a: null } },
  ])
    expect(() => requireKnownDevice(readNetConf(JSON.stringify(options)))).not.toThrow();
});
