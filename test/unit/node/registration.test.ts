import { describe, expect, test } from 'vitest';
import { defaultPools, makeDefaultPool } from '../../../node/registration/default-pools.ts';
import { type AddressSource, registerNode } from '../../../node/registration/node-plan.ts';
import { transact } from '../../../shared/datastore/transaction.ts';
import { silent } from '../../../shared/log/log.ts';
import { parseAddress } from '../../../shared/net/address.ts';
import { type Connection, connected } from '../../support/fake-datastore/connection.ts';
import { fakeWorld } from '../../support/host/fake-world.ts';

const NODES = '/calico/resources/v3/projectcalico.org/nodes';
const POOLS = '/calico/resources/v3/projectcalico.org/ippools';
const stamp = { now: 0n, uid: () => 'u' };
const session = (store: Connection) => ({ store, world: fakeWorld({}), log: silent, deadline: 1_000 });

const stored = (bgp: object, labels = {}) =>
  JSON.stringify({ kind: 'Node', apiVersion: 'projectcalico.org/v3', metadata: { name: 'n1', labels }, spec: { bgp } });

const source = (family: 4 | 6, by: AddressSource['by'], cidr?: string): AddressSource => ({
  family,
  by,
  chosen: cidr === undefined ? undefined : { cidr, why: 'of eth0' },
});

async function registered(store: Connection, sources: readonly AddressSource[], asNumber?: number, isFirst = true) {
  const wanted = { name: 'n1', addresses: sources, asNumber };
  const said = await transact(session(store), () => registerNode(wanted, isFirst, stamp));
  return { ...said, bgp: JSON.parse(store.dump()[`${NODES}/n1`] ?? '{}').spec?.bgp };
}

describe('a Node is registered', () => {
  test.each<readonly [string, object | undefined, readonly AddressSource[], object, readonly string[]]>([
    [
      'with what was found',
      undefined,
      [source(4, 'found once', '10.0.0.1/24'), source(6, 'kept')],
      { ipv4Address: '10.0.0.1/24' },
      ['Node(n1) has the IPv4 address 10.0.0.1/24 (of eth0)'],
    ],
    [
      'with the address that it has, where nothing is said',
      { ipv4Address: '10.0.0.7/24' },
      [source(4, 'found once', '10.0.0.1/24'), source(6, 'kept')],
      { ipv4Address: '10.0.0.7/24' },
      [],
    ],
    [
      'with another address, where it is looked for each time',
      { ipv4Address: '10.0.0.7/24', asNumber: 64513 },
      [source(4, 'found', '10.0.0.1/24'), source(6, 'kept')],
      { ipv4Address: '10.0.0.1/24', asNumber: 64513 },
      ['Node(n1) has the IPv4 address 10.0.0.1/24 (of eth0), no longer 10.0.0.7/24'],
    ],
    [
      'with what is given, of both families',
      { ipv4Address: '10.0.0.7/24' },
      [source(4, 'given', '10.0.0.1/24'), source(6, 'given', 'fd00::1/64')],
      { ipv4Address: '10.0.0.1/24', ipv6Address: 'fd00::1/64' },
      [
        'Node(n1) has the IPv4 address 10.0.0.1/24 (of eth0), no longer 10.0.0.7/24',
        'Node(n1) has the IPv6 address fd00::1/64 (of eth0)',
      ],
    ],
  ])('%s', async (_, bgp, sources, after, changed) => {
    const store = connected(bgp === undefined ? {} : { [`${NODES}/n1`]: stored(bgp) });
    expect(await registered(store, sources)).toEqual({ changed, notes: [], bgp: after });
  });

  test('with its AS number, once', async () => {
    const store = connected({ [`${NODES}/n1`]: stored({ ipv4Address: '10.0.0.7/24' }, { rack: 'a' }) });
    const sources = [source(4, 'kept'), source(6, 'kept')];
    expect(await registered(store, sources, 64514)).toMatchObject({
      changed: ['Node(n1) has the AS number 64514'],
      bgp: { asNumber: 64514 },
    });
    expect((await registered(store, sources, 64514)).changed).toEqual([]);
    expect(JSON.parse(store.dump()[`${NODES}/n1`] ?? '').metadata.labels).toEqual({ rack: 'a' });
  });

  test('with its old address when none is found any more', async () => {
    const store = connected({ [`${NODES}/n1`]: stored({ ipv4Address: '10.0.0.7/24' }) });
    expect(await registered(store, [source(4, 'found')])).toEqual({
      changed: [],
      notes: ['Autodetection of IPv4 address failed, keeping existing value: 10.0.0.7/24'],
      bgp: { ipv4Address: '10.0.0.7/24' },
    });
  });

  test.each([
    ['none is found', [source(4, 'found once')], 'failed to autodetect an IPv4 address'],
    [
      'no IPv6 address is found',
      [source(4, 'given', '10.0.0.1/24'), source(6, 'found')],
      'failed to autodetect an IPv6 address',
    ],
    [
      'none is wanted',
      [source(4, 'kept'), source(6, 'kept')],
      'no IPv4 or IPv6 addresses configured or detected, required for Calico networking',
    ],
    [
      'another Node has it',
      [source(4, 'given', '10.0.0.2/16')],
      "Calico node 'n2' is already using the IPv4 address 10.0.0.2",
    ],
  ] as const)('but not when %s', async (_, sources, reason) => {
    const store = connected({ [`${NODES}/n2`]: stored({ ipv4Address: '10.0.0.2/24' }).replace('n1', 'n2') });
    await expect(registered(store, sources)).rejects.toThrow(reason);
  });

  test('and looks for another Node with its address at first, and when that changes', async () => {
    const both = { ipv4Address: '10.0.0.2/24' };
    const store = connected({ [`${NODES}/n1`]: stored(both), [`${NODES}/n2`]: stored(both) });
    const sources = [source(4, 'kept'), source(6, 'kept')];
    await expect(registered(store, sources)).rejects.toThrow('already using');
    expect((await registered(store, sources, undefined, false)).changed).toEqual([]);
  });
});

describe('default pools', () => {
  const IPV4 = { CALICO_IPV4POOL_CIDR: '10.244.0.0/16' };
  const NEVER = { ipipMode: 'Never', vxlanMode: 'Never', natOutgoing: true, disableBGPExport: false };

  test.each<readonly [string, Readonly<Record<string, string>>, boolean, boolean, readonly object[]]>([
    ['one of IPv4 where nothing is said', {}, false, false, [{ family: 4, cidr: undefined, spec: NEVER }]],
    ['none with --no-default-ippools', {}, true, false, []],
    ['none with NO_DEFAULT_POOLS', { NO_DEFAULT_POOLS: 'True' }, false, false, []],
    ['none on Kubernetes where nothing is said', {}, false, true, []],
    ['none where the network is none', { CALICO_IPV4POOL_CIDR: 'none' }, false, false, []],
    [
      'what is named, also on Kubernetes',
      IPV4,
      false,
      true,
      [{ family: 4, cidr: { text: '10.244.0.0/16' }, spec: NEVER }],
    ],
    [
      'with its modes',
      {
        ...IPV4,
        CALICO_IPV4POOL_IPIP: 'CrossSubnet',
        CALICO_IPV4POOL_VXLAN: 'off',
        CALICO_IPV4POOL_NAT_OUTGOING: 'No',
        CALICO_IPV4POOL_DISABLE_BGP_EXPORT: 'true',
        CALICO_IPV4POOL_BLOCK_SIZE: '28',
        CALICO_IPV4POOL_NODE_SELECTOR: 'rack == "a"',
      },
      false,
      false,
      [
        {
          spec: {
            ipipMode: 'CrossSubnet',
            vxlanMode: 'Never',
            natOutgoing: false,
            disableBGPExport: true,
            blockSize: 28,
            nodeSelector: 'rack == "a"',
          },
        },
      ],
    ],
    [
      'of IPv6 where one is named',
      { CALICO_IPV4POOL_CIDR: 'none', CALICO_IPV6POOL_CIDR: 'fd00::/48' },
      false,
      false,
      [{ family: 6, cidr: { text: 'fd00::/48' }, spec: { ...NEVER, natOutgoing: false } }],
    ],
  ])('%s', (_, env, isOff, isAskedOnly, pools) => {
    expect(defaultPools(env, isOff, isAskedOnly)).toMatchObject(pools);
  });

  test.each([
    [{ ...IPV4, NO_DEFAULT_POOLS: 'true' }, 'Invalid configuration with NO_DEFAULT_POOLS defined'],
    [{ CALICO_IPV4POOL_CIDR: 'fd00::/48' }, "Invalid CIDR specified in CALICO_IPV4POOL_CIDR 'fd00::/48'"],
    [{ CALICO_IPV4POOL_IPIP: 'sometimes' }, "Unrecognized mode specified in CALICO_IPV4POOL_IPIP 'sometimes'"],
    [{ CALICO_IPV4POOL_BLOCK_SIZE: 'big' }, 'Invalid blocksize big for version 4'],
  ])('%j is refused', (env, reason) => {
    expect(() => defaultPools(env, false, false)).toThrow(reason);
  });

  async function made(store: Connection, ...addresses: readonly string[]): Promise<string> {
    const [pool] = defaultPools({}, false, false);
    if (pool === undefined) throw new Error('no pool');
    const here = addresses.map(parseAddress).filter((address) => address !== undefined);
    return transact(session(store), () => makeDefaultPool(pool, here, stamp));
  }

  test('a pool is made in a network that the machine is not in, and only where there is none', async () => {
    const store = connected({});
    expect(await made(store, '192.168.1.2', '172.16.0.1')).toBe(
      'made IPPool(default-ipv4-ippool) 172.17.0.0/16, blocks of /26',
    );
    expect(Object.keys(store.dump()).filter((key) => key.startsWith(POOLS))).toHaveLength(1);
    expect(await made(store, '10.0.0.1')).toBe('');
  });
});
