import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { assign } from '../../../ipam/allocate/assign.ts';
import { type AddRequest, addPlan } from '../../../plugins/decide/add-decision.ts';
import { delPlan } from '../../../plugins/decide/del-decision.ts';
import { identify } from '../../../plugins/decide/identity.ts';
import { readCniArgs } from '../../../shared/cni/args.ts';
import { readNetConf } from '../../../shared/cni/netconf-read.ts';
import { type Actor, acting, carryOut, finish, type Gate, interleave } from '../../support/fake-datastore/actor.ts';
import { type FakeStore, fakeStore } from '../../support/fake-datastore/fake-store.ts';
import { usedAddresses } from '../../support/invariants/transitions.ts';
import { at, handle, node, pool, request } from '../../support/stored/ipam-world.ts';

const RESOURCES = '/calico/resources/v3/projectcalico.org';
const CLUSTER = {
  [`${RESOURCES}/clusterinformations/default`]: '{"kind":"ClusterInformation","spec":{"datastoreReady":true}}',
  ...pool('one', { cidr: '10.71.0.0/24', blockSize: 26 }),
  ...node('node1'),
};
const conf = readNetConf('{"name":"net1"}');
const identity = (args = '', containerID = 'c1') =>
  identify(conf, { containerID, ifName: 'eth0' }, readCniArgs(args, { ignoreUnknown: false }), 'node1', 'calip');

/** One of several ADDs of the same container, and whether it fails once its commit is in. */
interface Call {
  readonly fails: boolean;
  /** A requested MAC, which all calls have. */
  readonly mac?: string;
  readonly args?: string;
  /** Its undo removes whatever it finds, as if it were the only call. */
  readonly blind?: boolean;
}

/** The address when this call assigned it and succeeded; undefined when it failed or found another call's. */
async function added(model: FakeStore, call: Call, index: number, gate: Gate): Promise<string | undefined> {
  const mac = call.mac ?? `02:00:00:00:00:0${index}`;
  const asked: AddRequest = {
    identity: identity(call.args),
    content: { addresses: [], mac, profiles: ['net1'], labels: {} },
    birth: { uid: `u${index}`, profileUid: 'p', creationTimestamp: '2026-11-21T08:31:17Z' },
    profile: 'net1',
    ipam: request('node1', 'c1', { now: at(index) }),
    ...{ ownAddresses: false, floatingIPs: [], hostVethTaken: false },
  };
  const { endpoint, isNew } = await acting(model, () => addPlan(asked))(gate);
  if (!call.fails) return isNew ? endpoint.spec.ipNetworks?.[0] : undefined;
  const created = call.blind ? undefined : { uid: `u${index}`, mac: call.mac === undefined ? mac : '' };
  const ipam = { handleIDs: ['net1.c1'], node: 'node1', now: at(100 + index) };
  await acting(model, () => delPlan({ identity: asked.identity, ipam, created }))(gate);
  return undefined;
}

const add =
  (model: FakeStore, call: Call, index: number): Actor<string | undefined> =>
  (gate) =>
    added(model, call, index, gate);

/** Addresses assigned by successful calls that are free nevertheless, or have no endpoint. */
async function lost(calls: readonly Call[], choices: readonly number[], leftover: boolean): Promise<readonly string[]> {
  const model = fakeStore(CLUSTER);
  // A leftover of a killed ADD of calico-ipam, which every call takes over.
  if (leftover) await carryOut(model, () => assign(request('node1', 'c1', { now: at(-1) })));
  const ends = await interleave(
    calls.map((call, index) => add(model, call, index)),
    choices,
  );
  const thrown = ends.flatMap((end) => (end !== undefined && 'thrown' in end ? [String(end.thrown)] : []));
  const given = ends.flatMap((end) => (end !== undefined && 'value' in end && end.value ? end.value : []));
  const dump = model.dump();
  const used = usedAddresses(dump);
  const stored = Object.entries(dump).filter(([key]) => key.includes('/workloadendpoints/'));
  const isKept = (network: string) =>
    used.includes(network.replace(/\/32$/, '')) &&
    dump[handle('net1.c1')] !== undefined &&
    stored.some(([, value]) => value.includes(network));
  return [...thrown, ...given.filter((network) => !isKept(network))];
}

const calls = (more: Omit<Call, 'fails'> = {}) =>
  fc.array(
    fc.boolean().map((fails) => ({ fails, ...more })),
    { minLength: 2, maxLength: 4 },
  );
const choices = fc.array(fc.nat(3), { maxLength: 40 });
const RUNS = { numRuns: Number(process.env['FC_RUNS'] ?? 120) };

describe('of concurrent ADDs of one container, failed ones do not undo another’s work', () => {
  test.for<[string, Omit<Call, 'fails'>]>([
    ['without Kubernetes', {}],
    ['with a requested MAC', { mac: '02:00:00:00:00:99' }],
    ['of a pod', { args: 'K8S_POD_NAMESPACE=prod;K8S_POD_NAME=web-0' }],
  ])('%s', { timeout: 600_000 }, async ([, more]) => {
    await fc.assert(
      fc.asyncProperty(calls(more), choices, fc.boolean(), async (each, order, leftover) => {
        expect(await lost(each, order, leftover)).toEqual([]);
      }),
      RUNS,
    );
  });

  test('which fails for an undo that does not check', { timeout: 60_000 }, async () => {
    const found = await fc.check(
      fc.asyncProperty(
        calls({ blind: true }),
        choices,
        async (each, order) => (await lost(each, order, false)).length === 0,
      ),
      { numRuns: 2000 },
    );
    expect(found.failed).toBe(true);
  });
});

describe('a single failed ADD', () => {
  test('undoes everything that it made', async () => {
    const model = fakeStore(CLUSTER);
    await finish(add(model, { fails: true }, 1));
    expect(usedAddresses(model.dump())).toEqual([]);
    expect(Object.keys(model.dump()).join()).not.toMatch(/handle|workloadendpoints/);
  });

  test('undoes the endpoint that it took over from an earlier sandbox', async () => {
    const args = 'K8S_POD_NAMESPACE=prod;K8S_POD_NAME=web-0';
    const key = `${RESOURCES}/workloadendpoints/prod/node1-k8s-web--0-eth0`;
    const old = { metadata: { name: 'node1-k8s-web--0-eth0', uid: 'old' }, spec: { containerID: 'c0' } };
    const model = fakeStore({ ...CLUSTER, [key]: JSON.stringify(old) });
    await finish(add(model, { fails: true, args }, 1));
    expect(model.get(key)).toBeUndefined();
    expect(usedAddresses(model.dump())).toEqual([]);
  });
});
