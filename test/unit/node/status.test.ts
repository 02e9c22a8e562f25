import { expect, test } from 'vitest';
import { mayEnd, readReply } from '../../../node/bird/reply.ts';
import type { NodeStatus } from '../../../node/status/node-status.ts';
import { announcedIn, peersIn } from '../../../node/status/peers.ts';
import { statusJson, statusText } from '../../../node/status/text.ts';

const FROM_1_6 = `0001 BIRD 1.6.8 ready.
2002-name     proto    table    state  since       info
1002-kernel4  Kernel   master   up     17:47:14    
1006-  Preference:     10
   Routes:         7 imported, 1 exported, 5 preferred
 
1002-Mesh_172_17_8_102 BGP      master   up     23:30:04    Established   
1006-  Description:    Connection to BGP peer
   Routes:         2 imported, 1 exported, 2 preferred
   BGP state:          Established
 
 Global_10_0_0_254_port_178 BGP      master   start  2026-11-21  Connect       Socket: Network unreachable
1006-  Routes:         0 imported, 0 exported, 0 preferred
 
1002-other BGP      master   up     23:30:04    Established   
0000 
`;
const FROM_2 = `0001 BIRD 2.0.12 ready.
2002-Name       Proto      Table      State  Since         Info
1002-Mesh_fd00__3 BGP        ---        up     17:47:22.511  Established   
1006-  Channel ipv6
     State:          UP
     Routes:         3 imported, 1 exported, 3 preferred
 
0000 
`;

const linesOf = (text: string) => readReply(text)?.lines ?? [];
const NOTHING: NodeStatus = { routedBy: 'calicoctl node run', 4: [], 6: [], announced: [], journal: 0 };

test('a reply is read only when it is whole', () => {
  for (let end = 0; end < FROM_1_6.length; end++) expect(readReply(FROM_1_6.slice(0, end))).toBeUndefined();
  expect(readReply(FROM_1_6)).toMatchObject({ greeting: 'BIRD 1.6.8 ready.', code: 0 });
  expect(readReply('0001 BIRD 2.0.12 ready.\n8002 /x:7:1 syntax error\n')).toEqual({
    greeting: 'BIRD 2.0.12 ready.',
    code: 8002,
    lines: ['/x:7:1 syntax error'],
  });
  expect(readReply('HTTP/1.1 400 Bad Request\n\n')).toBeUndefined();
});

test.each([FROM_1_6, FROM_2])('while a long reply comes it is only read after lines that may be its last', (text) => {
  const lengths = [...Array(text.length + 1).keys()];
  expect(lengths.filter((length) => mayEnd(text.slice(0, length)))).toEqual([text.indexOf('\n') + 1, text.length]);
});

test('sessions of both releases', () => {
  expect(peersIn(linesOf(FROM_1_6))).toEqual([
    {
      family: 4,
      address: '172.17.8.102',
      port: undefined,
      type: 'node-to-node mesh',
      state: 'up',
      since: '23:30:04',
      info: 'Established',
      received: 2,
    },
    {
      family: 4,
      address: '10.0.0.254',
      port: 178,
      type: 'global',
      state: 'start',
      since: '2026-11-21',
      info: 'Connect Socket: Network unreachable',
      received: 0,
    },
  ]);
  expect(peersIn(linesOf(FROM_2))).toMatchObject([
    { family: 6, address: 'fd00::3', since: '17:47:22', info: 'Established', received: 3 },
  ]);
});

test('the table is the original’s, and more follows', () => {
  const four = peersIn(linesOf(FROM_1_6));
  expect(statusText({ ...NOTHING, 4: four, announced: ['10.65.0.0/26'], journal: 1 })).toBe(`Calico process is running.

IPv4 BGP status
+----------------+-------------------+-------+------------+--------------------------------+
|  PEER ADDRESS  |     PEER TYPE     | STATE |   SINCE    |              INFO              |
+----------------+-------------------+-------+------------+--------------------------------+
| 172.17.8.102   | node-to-node mesh | up    | 23:30:04   | Established                    |
| 10.0.0.254:178 | global            | start | 2026-11-21 | Connect Socket: Network        |
|                |                   |       |            | unreachable                    |
+----------------+-------------------+-------+------------+--------------------------------+

IPv6 BGP status
No IPv6 peers found.

Routes made by: calicoctl node run
Announced: 10.65.0.0/26
Routes received: 2
Journal: 1 release waits for the datastore
`);
});

test('the table of a tutorial', () => {
  const [mesh] = peersIn(linesOf(FROM_1_6));
  if (mesh === undefined) throw new Error('no session');
  expect(statusText({ ...NOTHING, 4: [mesh] })).toContain(`
IPv4 BGP status
+--------------+-------------------+-------+----------+-------------+
| PEER ADDRESS |     PEER TYPE     | STATE |  SINCE   |    INFO     |
+--------------+-------------------+-------+----------+-------------+
| 172.17.8.102 | node-to-node mesh | up    | 23:30:04 | Established |
+--------------+-------------------+-------+----------+-------------+

IPv6 BGP status
No IPv6 peers found.
`);
});

test('a BIRD that does not run, or does not answer', () => {
  expect(statusText({ ...NOTHING, 6: 'absent' })).toContain("\nINFO: BIRDv6 process: 'bird6' is not running.\n");
  expect(statusText({ ...NOTHING, 4: 'silent' })).toContain(
    '\nIPv4 BGP status\nError querying BIRD: BIRDv4 does not answer\n',
  );
  expect(statusText({ ...NOTHING, 4: 'absent', 6: 'absent' })).toContain(
    '\nNone of the BGP backend processes (BIRD or GoBGP) are running.\n',
  );
});

test('announced networks, of both releases', () => {
  const of1 = [
    '10.65.0.0/26      blackhole [static4 10:00:00] * (200)',
    '10.0.0.9/32        via 10.0.0.9 on eth0 [static4 10:00:00] * (200)',
  ];
  const of2 = ['Table master4:', '10.65.0.0/26         blackhole [static4 10:00:00.511] * (200)', '', 'Table master6:'];
  expect(announcedIn(of1)).toEqual(['10.65.0.0/26']);
  expect(announcedIn(of2)).toEqual(['10.65.0.0/26']);
});

test('for programs', () => {
  const status = { ...NOTHING, 4: peersIn(linesOf(FROM_1_6)).slice(1), 6: 'absent' as const };
  expect(JSON.parse(statusJson(status))).toEqual({
    running: true,
    process: 'calicoctl node run',
    ipv4: {
      bird: 'running',
      peers: [
        {
          address: '10.0.0.254',
          port: 178,
          type: 'global',
          state: 'start',
          since: '2026-11-21',
          info: 'Connect Socket: Network unreachable',
          received: 0,
        },
      ],
    },
    ipv6: { bird: 'absent', peers: [] },
    announced: [],
    routesReceived: 0,
    journal: 0,
  });
});
