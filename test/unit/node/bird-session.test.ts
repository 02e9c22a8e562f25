import { expect, test } from 'vitest';
import { routingOf } from '../../../node/bgp/routing.ts';
import { sessionText } from '../../../node/bird/session-text.ts';
import { PASSWORDS } from '../../support/routing/cases.ts';
import { bird1, block, stateOf } from '../../support/routing/texts.ts';

test('an own AS number towards one peer, and everything else that a BGPPeer can say', () => {
  expect(block(bird1('every option of a peer'), 'protocol bgp')).toEqual([
    'protocol bgp Global_10_0_0_254 from calico_peer {',
    '  neighbor 10.0.0.254 as 65000;',
    '  local as 65546;',
    '  source address 10.0.0.1;',
    '  ttl security on;',
    '  multihop 3;',
    '  graceful restart time 90;',
    '  keepalive time 20;',
    '  password "p\'w$ \\ä # ; } //";',
    '  allow local as 2;',
    '  gateway recursive;',
    '  add paths on;',
    '  next hop keep;',
    '  import all;',
    '  export filter { calico_export4(false); };',
    '}',
  ]);
  expect(block(bird1('every option of a peer'), 'protocol static')).toEqual([
    'protocol static static4 {',
    '  route 10.65.0.0/26 blackhole;',
    '  route 10.0.0.254/32 via 10.0.0.250;',
    '}',
  ]);
});

test('keepalives that are seldom leave the session its time', () => {
  const [session] = routingOf(stateOf('every option of a peer'), PASSWORDS).families[4].sessions;
  if (session === undefined) throw new Error('no session');
  const routing = routingOf(stateOf('every option of a peer'), PASSWORDS);
  const options = (keepaliveSeconds: number) =>
    sessionText({ ...session, keepaliveSeconds }, routing.families[4], routing, 2).filter((line) =>
      line.includes(' time '),
    );
  expect(options(80)).toEqual(['  graceful restart time 90;', '  keepalive time 80;']);
  expect(options(100)).toEqual(['  graceful restart time 90;', '  keepalive time 100;', '  hold time 300;']);
  expect(options(65_535).at(-1)).toBe('  hold time 65535;');
});
