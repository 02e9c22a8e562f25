import { existsSync, readdirSync } from 'node:fs';
import { nthAddress } from '../../shared/net/cidr.ts';
import { wrongAtOnce } from '../faults/clusters/wrong.ts';
import { addressesOf } from '../support/calls/call.ts';
import { type Dump, readDump } from '../support/invariants/ipam-dump.ts';
import { JOURNAL } from '../support/journal/hostile-entries.ts';
import type { Field } from './calls.ts';
import type { Slot } from './model.ts';
import type { Vm } from './vm.ts';

/** Compares what the datastore holds with the model while no call is running. Returns the number of keys. */
export async function audit(field: Field): Promise<number> {
  const { nodes, model } = field;
  const dump = await nodes.dump();
  const holders = handlesByAddress(dump);
  const found = [
    ...wrongAtOnce(nodes, dump),
    ...model.slots.filter(({ state }) => state === 'up').flatMap((slot) => missing(slot, dump, holders)),
    ...leaked(field, dump, holders),
    ...model.vms.filter(({ isEnding }) => !isEnding).flatMap((vm) => wrongWithVm(field, vm, dump, holders)),
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

/** What a running container lacks. */
function missing(slot: Slot, dump: Dump, holders: ReadonlyMap<string, string>): readonly string[] {
  const addresses = slot.result === undefined ? [] : addressesOf(slot.result);
  const lost = addresses.filter((address) => holders.get(address) !== `net1.${slot.containerID}`);
  return [
    ...lost.map(
      (address) => `LOST ${address} of ${slot.containerID}: held by ${holders.get(address) ?? 'no container'}`,
    ),
    ...(slot.name.endpoint in dump ? [] : [`LOST endpoint of ${slot.containerID}`]),
  ];
}

/** A machine holds exactly its addresses, with or without a pod; one that is gone holds none, unless its release waits in a journal. */
function wrongWithVm(field: Field, vm: Vm, dump: Dump, holders: ReadonlyMap<string, string>): readonly string[] {
  const handleID = `net1.${vm.containerID}`;
  const lost = vm.addresses.filter((address) => holders.get(address) !== handleID);
  const unshown = vm.pods.filter(({ state, name }) => state === 'up' && !(name.endpoint in dump));
  const problems = [
    ...lost.map((address) => `LOST ${address} of ${vm.name}: held by ${holders.get(address) ?? 'no container'}`),
    ...unshown.map(({ name }) => `LOST endpoint ${name.endpoint}`),
  ];
  const isWaiting = waitingIn(field).some((file) => vm.containers.some((id) => file.startsWith(`${id}-`)));
  if (vm.machine !== undefined || isWaiting) return problems;
  const held = [...holders].flatMap(([address, holder]) => (holder === handleID ? `${address} of ${holder}` : []));
  const key = `/calico/ipam/v2/handle/${handleID}`;
  return [...problems, ...[...held, ...(key in dump ? [key] : [])].map((what) => `LEAK ${what}`)];
}

/** The names of the files in the nodes' journals. */
const waitingIn = ({ nodes }: Field): readonly string[] =>
  nodes.hosts.flatMap((host) => {
    const folder = host.file(JOURNAL);
    return existsSync(folder) ? readdirSync(folder) : [];
  });

/** Addresses, handles and endpoints of deleted containers, unless their release waits in a node's journal. */
function leaked(field: Field, dump: Dump, holders: ReadonlyMap<string, string>): readonly string[] {
  const waiting = waitingIn(field);
  const gone = field.model.slots.filter(({ state, containerID }) => {
    return state === 'none' && !waiting.some((name) => name.startsWith(`${containerID}-`));
  });
  return gone.flatMap((slot) => {
    const handleID = `net1.${slot.containerID}`;
    const keys = [`/calico/ipam/v2/handle/${handleID}`, slot.name.endpoint];
    const held = [...holders].flatMap(([address, holder]) => (holder === handleID ? `${address} of ${holder}` : []));
    return [...keys.filter((key) => key in dump), ...held].map((what) => `LEAK ${what}`);
  });
}
