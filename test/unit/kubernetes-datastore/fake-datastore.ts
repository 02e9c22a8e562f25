import { stringifyJson } from '../../../shared/calico/json.ts';
import type { Datastore, SeenChange } from '../../../shared/datastore/datastore.ts';
import { get, type Query } from '../../../shared/datastore/query.ts';
import { affinityRef, type Ref } from '../../../shared/datastore/ref.ts';
import { type ApiGroup, V1 } from '../../../shared/kubernetes-datastore/api-group.ts';
import { type KubernetesDatastore, kubernetesDatastore } from '../../../shared/kubernetes-datastore/datastore.ts';
import { blockName } from '../../../shared/kubernetes-datastore/object-names.ts';
import type { Labelling } from '../../../shared/kubernetes-datastore/unlabelled.ts';
import { type Cidr, network } from '../../../shared/net/cidr.ts';
import type { FakeApi } from './fake-api.ts';

const KINDS = ['clusterinformations', 'ipamblocks', 'blockaffinities', 'ipamhandles', 'ipamconfigs', 'ippools'];
export const G1 = '/apis/crd.projectcalico.org/v1';
export const G3 = '/apis/projectcalico.org/v3';
export const POOL: Cidr = network(4, 0x0a000000n, 24);
export const block = (at: number, length = 28): Cidr => network(4, 0x0a000000n + BigInt(at) * 16n, length);
export const later = 60_000;

export const ofGroup = (group: string) => KINDS.map((kind) => `${group}/${kind}`);

export const open = (api: FakeApi): Datastore => openIn(api, V1);

export function openIn(
  api: FakeApi,
  group: ApiGroup | undefined,
  remembered?: ApiGroup,
  labelling?: Labelling,
): KubernetesDatastore {
  const world = { elapsed: () => performance.now() % 1_000 };
  return kubernetesDatastore({
    api: api.connection,
    world,
    node: 'node1',
    group,
    remembered,
    labelling,
    endpoints: { reading: 'written', env: {} },
  });
}

export const ask = async (store: Datastore, ...queries: readonly Query[]) => store.read(queries, later);
export const one = async (store: Datastore, ref: Ref) => (await ask(store, get(ref)))[0]?.entries[0];
export const change = async (store: Datastore, ref: Ref, next: string | undefined): Promise<SeenChange> => ({
  ref,
  next,
  seen: (await one(store, ref))?.version,
});

export const storedBlock = (
  cidr: Cidr,
  affinity: string | null = 'host:node1',
  sequenceNumber = 9_007_199_254_740_993n,
): string =>
  stringifyJson({
    cidr: cidr.text,
    affinity,
    allocations: [],
    unallocated: [],
    attributes: [],
    sequenceNumber,
    sequenceNumberForAllocation: {},
    deleted: false,
  });

export function putBlock(api: FakeApi, cidr: Cidr, spec: object = {}): void {
  api.put(`${G1}/ipamblocks/${blockName(cidr)}`, {
    metadata: { name: blockName(cidr) },
    spec: { cidr: cidr.text, affinity: 'host:node2', deleted: false, ...spec },
  });
}

/** A store that has found node1's affinity for a block. */
export async function openOwning(api: FakeApi, cidr: Cidr): Promise<Datastore> {
  const ref = affinityRef('node1', cidr);
  const store = open(api);
  await store.commit([await change(store, ref, CONFIRMED)], [], later);
  return store;
}

export const CONFIRMED = '{"state":"confirmed","deleted":false}';
export const handle = (cidr: Cidr, count = 1) => stringifyJson({ block: { [cidr.text]: count }, deleted: false });
