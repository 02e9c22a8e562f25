import { existsSync, readdirSync } from 'node:fs';
import { nthAddress } from '../../shared/net/cidr.ts';
import { addressesOf } from '../support/calls/call.ts';
import type { Dump } from '../support/etcd/etcd.ts';
import { violations } from '../support/invariants/invariants.ts';
import { readDump } from '../support/invariants/ipam-dump.ts';
import { JOURNAL } from '../support/journal/hostile-entries.ts';
import { type Field, nameOf } from './calls.ts';
import type { Slot } from './model.ts';

const ENDPOINTS = '/calico/resources/v3/projectcalico.org/workloadendpoints/default/';

/** Compares what etcd holds with the model while no call is running. Returns the number of keys. */
export async function audit(field: Field): Promise<number> {
  const { nodes, model } = field;
  const dump = await nodes.etcd().dump();
  const holders = handlesByAddress(dump);
  const found = [
    ...violations(dump),
    ...model.slots.filter(({ state }) => state === 'up').flatMap((slot) => missing(slot, dump, holders)),
    ...leaked(field, dump),
  ];
  model.problems.push(...found);
  return Object.keys(dump).length;
}

function handlesByAddress(dump: Dump): ReadonlyMap<string, string> {
  return new Map(
    readDump(dump).blocks.flatMap(({ at, allocations, attributes }) =>
      allocations.flatMap((index, ordinal): [string, string][] =>
        index === null ? [] : [[nthAddress(at, ordinal), attributes?.[index]?.handle_id ?? '']],
      ),
    ),
  );
}

const endpointOf = ({ node, containerID }: Slot): string => `${ENDPOINTS}${nameOf(node)}-cni-${containerID}-eth0`;

/** What a running container lacks. */
function missing(slot: Slot, dump: Dump, holders: ReadonlyMap<string, string>): readonly string[] {
  const addresses = slot.result === undefined ? [] : addressesOf(slot.result);
  const lost = addresses.filter((address) => holders.get(address) !== `net1.${slot.containerID}`);
  return [
    ...lost.map(
      (address) => `LOST ${address} of ${slot.containerID}: held by ${holders.get(address) ?? 'no container'}`,
    ),
    ...(endpointOf(slot) in dump ? [] : [`LOST endpoint of ${slot.containerID}`]),
  ];
}

/** Handles and endpoints of deleted containers, unless their release waits in a node's journal. */
function leaked({ nodes, model }: Field, dump: Dump): readonly string[] {
  const waiting = nodes.hosts.flatMap((host) => {
    const folder = host.file(JOURNAL);
    return existsSync(folder) ? readdirSync(folder) : [];
  });
  const gone = model.slots.filter(({ state, containerID }) => {
    return state === 'none' && !waiting.some((name) => name.startsWith(`${containerID}-`));
  });
  return gone.flatMap((slot) => {
    const keys = [`/calico/ipam/v2/handle/net1.${slot.containerID}`, endpointOf(slot)];
    return keys.filter((key) => key in dump).map((key) => `LEAK ${key}`);
  });
}
