import {
  type AddressesReleased,
  type Holder,
  holdersOf,
  releaseAddresses,
} from '../../ipam/release/release-address.ts';
import type { Outcome, Plan } from '../../shared/datastore/view.ts';
import { parseAddress } from '../../shared/net/address.ts';
import { type AnyResource, identifier } from '../resource/resource.ts';
import { tunnelsListed } from '../resource/tunnels-listed.ts';

/** An address that an endpoint or tunnel of a node lists. */
export interface NodeAddress {
  readonly address: string;
  /** Who lists it, for messages. */
  readonly owner: string;
  /** Whether an allocation is this owner's. */
  isOwn(holder: Holder): boolean;
}

/** The addresses that a node's endpoints list, each with the rule that recognises the endpoint's own allocation. */
export const endpointAddresses =
  (node: string) =>
  ({ metadata, spec = {} }: AnyResource): readonly NodeAddress[] =>
    (Array.isArray(spec['ipNetworks']) ? spec['ipNetworks'] : []).flatMap(addressIn).map((address) => ({
      address,
      owner: identifier('WorkloadEndpoint', metadata),
      isOwn: ({ handleID = '', attributes }) =>
        isOn(node, attributes) && isHandleOf(handleID, textOf(spec['containerID']), podOf(metadata.namespace, spec)),
    }));

/** `<network>.<container ID>`, or the names of very old versions: `<container ID>`, `<namespace>.<pod>`. */
function isHandleOf(handleID: string, containerID: string, pod: string): boolean {
  if (pod !== '' && handleID === pod) return true;
  return containerID !== '' && (handleID === containerID || handleID.endsWith(`.${containerID}`));
}

const podOf = (namespace: string | undefined, spec: Readonly<Record<string, unknown>>): string =>
  textOf(spec['pod']) === '' ? '' : `${namespace ?? ''}.${textOf(spec['pod'])}`;

/** The tunnel addresses that a Node lists. */
export function tunnelAddresses({ metadata: { name }, spec = {} }: AnyResource): readonly NodeAddress[] {
  return tunnelsListed(name, spec)
    .flatMap(({ text }) => addressIn(text))
    .map((address) => ({
      address,
      owner: `a tunnel of Node(${name})`,
      isOwn: ({ handleID = '', attributes }) =>
        isOn(name, attributes) &&
        (handleID.endsWith(`-tunnel-addr-${name}`) || (attributes['type'] ?? '').endsWith('TunnelAddress')),
    }));
}

/** Very old allocations do not name their node. */
const isOn = (node: string, { node: stored = node }: Readonly<Record<string, string>>): boolean => stored === node;

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

/** The address in a text with or without a prefix length. None for any other text. */
function addressIn(text: unknown): readonly string[] {
  const address = parseAddress(String(text ?? '').split('/')[0] ?? '');
  return address === undefined ? [] : [address.text];
}

/** What happened to a node's addresses, and which of them now belong to others. */
interface Freed extends AddressesReleased {
  readonly kept: readonly { readonly address: NodeAddress; readonly handleID: string }[];
}

/** Decides how to release the addresses that still belong to their owners, by the exact allocation. At most 30 per call. */
export function* freeOwn(addresses: readonly NodeAddress[], now: bigint): Plan<Outcome<Freed>> {
  const holders = yield* holdersOf(
    addresses.map(({ address }) => address),
    now,
  );
  const isOwn = (holder: Holder) => addresses.some((each) => each.address === holder.address && each.isOwn(holder));
  const own = holders.filter(isOwn).map(({ address, handleID, sequenceNumber }) => ({
    address,
    sequenceNumber,
    ...(handleID === undefined ? {} : { handleID }),
  }));
  const { changes, answer } = yield* releaseAddresses({ addresses: own, now });
  const kept = holders
    .filter((holder) => !isOwn(holder))
    .flatMap(({ address, handleID = 'no handle' }) =>
      addresses.filter((each) => each.address === address).map((each) => ({ address: each, handleID })),
    );
  return { changes, answer: { ...answer, kept } };
}
