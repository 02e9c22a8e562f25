import { missingFromAll } from '../../ipam/block/missing-addresses.ts';
import { withCheckedMachine } from '../../ipam/call/with-machine.ts';
import { checkFailed, handlesOf, requirePrevResult } from '../../ipam/verbs/check.ts';
import type { WorkloadEndpoint } from '../../shared/calico/model.ts';
import { delegate } from '../../shared/cni/delegate.ts';
import type { Result } from '../../shared/cni/result.ts';
import type { Call } from '../../shared/cni/skel.ts';
import { transact } from '../../shared/datastore/transaction.ts';
import type { Failure } from '../../shared/error/failure.ts';
import { toFailure } from '../../shared/error/failure-context.ts';
import { dataplaneOf } from '../call/dataplane-of.ts';
import { openSession, type Session } from '../call/session.ts';
import type { Dataplane } from '../dataplane/dataplane.ts';
import type { PairRequest } from '../dataplane/pair-request.ts';
import { existingEndpoint } from '../decide/existing-endpoint.ts';
import { wantedPair } from '../decide/wanted-pair.ts';
import { withoutPodCidrs } from '../kubernetes/host-local.ts';

/** CNI CHECK: compares kernel, endpoint and IPAM with ADD's result; the error lists what is missing and where. */
export async function check(call: Call): Promise<void> {
  const previous = requirePrevResult(call.conf);
  const opened = await openSession(call);
  try {
    await opened.store.begin(opened.deadline);
    const session = opened.conf.ipam.type === 'calico-ipam' ? await withCheckedMachine(opened) : opened;
    const addresses = addressesOf(previous, call.cmd.ifName);
    const dataplane = await dataplaneOf(session.conf);
    const [inStore, ofInterface] = await Promise.all([
      storeFaults(session, addresses),
      interfaceFaults(session, dataplane, previous, addresses),
    ]);
    const faults = [...ofInterface, ...inStore];
    const ofDelegate = session.conf.ipam.type === 'calico-ipam' ? undefined : delegateError(session);
    if (faults.length > 0) throw checkFailed([...faults, ...(ofDelegate === undefined ? [] : [ofDelegate.message])]);
    if (ofDelegate !== undefined) throw ofDelegate;
  } finally {
    opened.store.close();
  }
}

/** The result's addresses on our interface, without prefix length. */
function addressesOf(previous: Result, ifName: string): readonly string[] {
  const ours = previous.interfaces.findIndex(({ name, sandbox }) => name === ifName && sandbox !== undefined);
  return previous.ips
    .filter((ip) => ip.interface === undefined || ip.interface === ours)
    .map(({ address }) => address.split('/')[0] ?? '');
}

/** MAC and MTU come from the result: a later plugin in the chain (tuning) may have changed them. */
async function interfaceFaults(
  session: Session,
  dataplane: Dataplane,
  previous: Result,
  addresses: readonly string[],
): Promise<readonly string[]> {
  const { ifName, netns } = session.cmd;
  const stated = previous.interfaces.find(({ name, sandbox }) => name === ifName && sandbox !== undefined);
  const wanted = wantedPair(session, { mac: stated?.mac ?? '', mtu: stated?.mtu ?? 0 });
  const pair: PairRequest = {
    ...wanted,
    addresses: addresses.map((address) => ({ family: address.includes(':') ? 6 : 4, address })),
    hostRoutes: wanted.hostRoutes && !session.machine?.isTarget,
  };
  return dataplane.faults(pair, netns, session.conf);
}

async function storeFaults(session: Session, addresses: readonly string[]): Promise<readonly string[]> {
  const { identity, conf, machine } = session;
  const found = await transact(session, () => existingEndpoint(identity));
  const endpoint =
    found === undefined ? [`endpoint ${identity.endpointName} does not exist`] : lacks(found.endpoint, addresses);
  if (conf.ipam.type !== 'calico-ipam') return endpoint;
  const handleIDs = handlesOf(machine, identity.handleID);
  return [...endpoint, ...(await transact(session, () => missingFromAll(handleIDs, addresses)))];
}

/** The error of another IPAM plugin's CHECK, unchanged. */
function delegateError(session: Session): Failure | undefined {
  try {
    delegate('CHECK', session.conf.ipam.type, withoutPodCidrs(session));
    return undefined;
  } catch (error) {
    return toFailure(error, 'serving CHECK');
  }
}

function lacks({ metadata, spec }: WorkloadEndpoint, addresses: readonly string[]): readonly string[] {
  const held = (spec.ipNetworks ?? []).map((network) => network.split('/')[0]);
  return addresses
    .filter((address) => !held.includes(address))
    .map((address) => `endpoint ${metadata.name} lacks address ${address}`);
}
