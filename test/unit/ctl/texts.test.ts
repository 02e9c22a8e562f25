import { describe, expect, test } from 'vitest';
import { checkText } from '../../../ctl/check/text.ts';
import { datastoreText } from '../../../ctl/datastore/state-text.ts';
import { addressText } from '../../../ctl/ipam/address.ts';
import { collectBorrowed } from '../../../ctl/ipam/borrowed.ts';
import { configurationTable } from '../../../ctl/ipam/configuration-table.ts';
import { nodeText } from '../../../ctl/ipam/node-text.ts';
import { useTable } from '../../../ctl/ipam/use-table.ts';
import { countUse } from '../../../ctl/ipam/utilization.ts';
import { repairText } from '../../../ctl/repair/repair-text.ts';
import { gone, left, mended } from '../../../ctl/repair/verdict.ts';
import { fiveDigits, share } from '../../../ctl/text/numbers.ts';
import { decodeBlock } from '../../../ipam/block/block-json.ts';
import { readPools } from '../../../ipam/config/pools.ts';
import { readReservations } from '../../../ipam/config/reservations.ts';
import { openView } from '../../../shared/datastore/known-view.ts';
import { POOLS, RESERVATIONS } from '../../../shared/datastore/query.ts';
import { endpointRef } from '../../../shared/datastore/ref.ts';
import { parseAddress } from '../../../shared/net/address.ts';
import { inspectModel } from '../../support/calicoctl/check-model.ts';
import { connected } from '../../support/fake-datastore/connection.ts';
import { fakeStore } from '../../support/fake-datastore/fake-store.ts';
import { cidr } from '../../support/inputs/cidr.ts';
import { A, B, blockOf, container, counts, damaged, UNUSUAL } from '../../support/stored/ipam-healthy.ts';
import { at, block, reservation } from '../../support/stored/ipam-world.ts';
import { endpoint } from '../../support/stored/seeded.ts';

const NOW = at(3600);
const golden = (name: string) => `../../testdata/ctl/${name}.txt`;
const MINUTE = 1_795_249_881_000;
const DAY = 86_400_000;

/** A block of a dump. */
const found = (dump: Readonly<Record<string, string>>, text: string) => ({
  cidr: cidr(text),
  block: decodeBlock(cidr(text), dump[block(text)] ?? '', block(text)),
});

test('numbers have five digits and whole percents, as Go prints them', () => {
  expect([0, 256, 65536, 99999, 100000, 1048576, 2 ** 64].map(fiveDigits)).toEqual([
    '0',
    '256',
    '65536',
    '99999',
    '1e+05',
    '1.0486e+06',
    '1.8447e+19',
  ]);
  expect([share(1, 3), share(1, 200), share(3, 200), share(5, 200), share(0, 64)]).toEqual([
    '1 (33%)',
    '1 (0%)',
    '3 (2%)',
    '5 (2%)',
    '0 (0%)',
  ]);
});

describe('pools and blocks', () => {
  const dump = { ...UNUSUAL, ...blockOf('10.99.0.0/29', null, { 0: container('c9') }) };
  const table = async (withBlocks: boolean, more: Readonly<Record<string, string>> = {}) => {
    const view = openView();
    const store = connected({ ...dump, ...more });
    for (const query of [POOLS, RESERVATIONS]) {
      for (const answer of await store.read([query], 0)) view.learn(query, answer);
    }
    const use = countUse(readPools(view), readReservations(view), { now: at(0), cooldown: 1_000_000 });
    for (const cidr of [A, B, '10.20.0.0/29', '10.99.0.0/29']) {
      const seen = found({ ...dump, ...more }, cidr);
      use.add(seen.cidr, seen.block);
    }
    return useTable(use.pools(), withBlocks);
  };

  test('are shown with reserved and cooling addresses, if there are any', async () => {
    await expect(await table(true)).toMatchFileSnapshot(golden('show-blocks'));
  });

  test('are shown with these columns, even if there are none', async () => {
    const plain = { ...blockOf(A, 'host:node1', { 0: container('c1') }), ...reservation('kept', '10.30.0.0/32') };
    await expect(await table(false, plain)).toMatchFileSnapshot(golden('show'));
  });

  test('an address that is in use and reserved is counted once', async () => {
    expect(await table(true, reservation('kept', '10.10.0.0/31'))).toMatch(
      /10\.10\.0\.0\/29 +\| +8 \| 6 \(75%\) +\| 2 \(25%\) +\| 2 \(25%\)/,
    );
    expect(await table(false, reservation('kept', '10.10.0.0/31'))).toMatch(
      /10\.10\.0\.0\/24 +\| +256 \| 6 \(2%\) +\| 2 \(1%\) +\| 250 \(98%\)/,
    );
  });
});

test('borrowed addresses are shown with their users', async () => {
  const borrowed = collectBorrowed();
  const dump = {
    ...blockOf(A, 'host:node1', {
      0: container('c1'),
      1: container('c2', 'node2'),
      2: { handle_id: 'h', secondary: { node: 'node2', namespace: 'shop', pod: 'cart-1' } },
      3: { handle_id: 'h', secondary: { node: 'node2', namespace: 'shop', 'vmi-name': 'vm1' } },
      4: { secondary: { note: 'by hand' } },
    }),
    ...blockOf(B, null, { 0: { handle_id: 'h', secondary: { node: 'node1', type: 'ipipTunnelAddress' } } }),
  };
  for (const cidr of [A, B]) {
    const seen = found(dump, cidr);
    borrowed.add(seen.cidr, seen.block);
  }
  await expect(borrowed.text()).toMatchFileSnapshot(golden('show-borrowed'));
});

test('the settings in force are shown', async () => {
  const spec = { strictAffinity: true, autoAllocateBlocks: true, maxBlocksPerHost: 4, ipCooldownSeconds: 30 };
  await expect(configurationTable(spec)).toMatchFileSnapshot(golden('show-configuration'));
});

test('an address is shown with its owner, in any state', async () => {
  const text = (at: number, user = false) => {
    const address = parseAddress(`10.10.0.${at}`);
    const users = [{ ref: endpointRef('default', 'n1-cni-c1-eth0') }];
    const named = users.map((one) => ({
      ...one,
      version: '1',
      node: 'n1',
      containerID: 'c1',
      interfaceName: 'cali1',
      addresses: [],
    }));
    return address && addressText(address, { ...found(UNUSUAL, A), ordinal: at, pool: 'pool' }, user ? named : []);
  };
  const free = parseAddress('10.77.0.1');
  const texts = [
    text(0, true),
    text(1),
    text(3),
    text(5),
    text(6),
    text(7, true),
    free && addressText(free, undefined, []),
  ];
  await expect(texts.join('\n')).toMatchFileSnapshot(golden('show-ip'));
});

test('a check is reported by kind, with counts, notes and advice', async () => {
  const put = {
    ...blockOf(A, 'host:node1', {
      0: container('c1'),
      ...Object.fromEntries([1, 2, 3].map((at) => [at, container(`d${at}`)])),
    }),
    ...Object.assign(
      {},
      ...Array.from({ length: 12 }, (_, at) => counts(`net1.x${String(at).padStart(2, '0')}`, { [A]: 1 })),
    ),
    ...endpoint('node2', 'c2', 'net1', '10.10.0.0'),
    ...endpoint('node2', 'c3', 'net1', '10.10.0.200'),
  };
  const inspection = await inspectModel(fakeStore(damaged({ put })), NOW);
  await expect(checkText(inspection, false)).toMatchFileSnapshot(golden('check'));
  expect(checkText(inspection, true)).toContain('net1.x11: counts 1');
});

test('a repair is reported finding by finding', async () => {
  const put = {
    ...counts('net1.c2', { [A]: 1 }),
    ...counts('net1.c3', { [A]: 1 }),
    ...endpoint('node2', 'c4', 'net1', '10.10.0.0'),
  };
  const { findings } = await inspectModel(fakeStore(damaged({ put })), NOW);
  const verdicts = findings.map((finding) => {
    if (finding.handleID === 'net1.c2') return mended(finding);
    return finding.handleID === 'net1.c3' ? gone(finding) : left(finding, 'restart one of the pods');
  });
  await expect(`${repairText(verdicts, false)}\n${repairText(verdicts, true)}`).toMatchFileSnapshot(golden('repair'));
});

test('a node is shown with its blocks and pending releases', async () => {
  const blocks = [
    { cidr: A, pool: 'pool', state: 'confirmed', total: 8, used: 3 },
    { cidr: B, pool: 'pool', state: 'block does not exist', total: 0, used: 0 },
    { cidr: '10.99.0.0/29', pool: undefined, state: 'belongs to no one', total: 8, used: 8 },
  ];
  const store = { cluster: '0123456789abcdef0123456789abcdef', endpoints: ['mark'], not: [] };
  const entry = { network: 'net1', containerID: 'c1', node: 'node1', store, due: 1n, handleIDs: [] };
  const entries = [entry, { ...entry, containerID: 'c2', store: { endpoints: ['mark'], not: [] } }];
  const known = nodeText('node1', { known: true, limit: 20, strict: false, blocks }, entries);
  const unknown = nodeText('node2', { known: false, limit: 4, strict: true, blocks: [] }, []);
  await expect(`${known}\n${unknown}`).toMatchFileSnapshot(golden('node-ipam'));
});

test('a datastore is shown endpoint by endpoint, with what is wrong or soon will be', async () => {
  const well = { connectMs: 1.23, readMs: 0.9, version: '3.5.9', size: 20_480, alarms: [], problems: [] };
  const first = {
    ...well,
    endpoint: 'https://10.0.0.1:2379',
    role: 'leader',
    certificateEnds: MINUTE + 400 * DAY,
    login: 'accepted',
  } as const;
  const text = (probes: Parameters<typeof datastoreText>[0], own = {}) => datastoreText(probes, own, MINUTE);
  expect(text([first]).clean).toBe(true);
  const { text: said, clean } = text(
    [
      first,
      {
        ...well,
        endpoint: 'https://10.0.0.2:2379',
        role: 'follower',
        certificateEnds: MINUTE + 5 * DAY,
        alarms: ['NOSPACE'],
      },
      { ...well, endpoint: 'https://10.0.0.3:2379', role: 'no leader', certificateEnds: MINUTE - DAY },
      { endpoint: 'http://10.0.0.4:2379', alarms: [], problems: ['connect ECONNREFUSED 10.0.0.4:2379'] },
    ],
    { 'the client certificate': MINUTE - 1, 'the CA certificate': MINUTE + 3 * DAY },
  );
  expect(clean).toBe(false);
  await expect(said).toMatchFileSnapshot(golden('datastore-check'));
});
