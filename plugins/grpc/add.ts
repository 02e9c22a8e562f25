import { readMac } from '../../shared/cni/args.ts';
import type { Result } from '../../shared/cni/result.ts';
import { transact } from '../../shared/datastore/transaction.ts';
import { failure, toCniError } from '../../shared/error/error.ts';
import type { Acquired } from '../call/acquired.ts';
import { fromDelegate } from '../call/delegated-ipam.ts';
import { freePredecessor } from '../call/release-endpoint.ts';
import { type AddRequest, addPlan, addReads } from '../decide/add-plan.ts';
import { addRequest, vethRequest } from '../decide/add-request.ts';
import { addResult, endpointAddresses } from '../decide/result.ts';
import { withKubernetes } from '../kubernetes/ask.ts';
import { awaitPolicy } from '../kubernetes/policy-wait.ts';
import { addMessage } from './add-message.ts';
import { type Allotted, allot } from './allot.ts';
import { callDataplane, mayBeDone, removeThroughDataplane } from './dataplane.ts';
import { Add, type AddRequest as Message } from './messages.ts';
import type { DataplaneOptions } from './options.ts';

/**
 * ADD by a dataplane of another program, in the original's order: addresses, then the dataplane, which names interface and
 * MAC, then the endpoint. A container that is added again keeps its addresses, and the dataplane is asked again.
 */
export async function networkThroughDataplane(
  given: Acquired,
  dataplane: DataplaneOptions,
  mtu: number,
): Promise<Result> {
  const { session, asked } = await withKubernetes(given.session, () => undefined);
  const adding = { ...given, session, call: { ...given.call, conf: session.conf } };
  const { cmd } = given.call;
  const delegated = await fromDelegate(adding);
  await freePredecessor(session, asked.pod);
  const request = addRequest(session, asked, { mac: '', delegated: delegated?.addresses, hostVethTaken: false });
  const allotted = await allot(adding, request, delegated);
  const { endpoint, ips, routes } = allotted;
  const told = { netns: cmd.netns, ips, annotations: asked.pod?.annotations ?? {}, options: dataplane.texts };
  const message = addMessage(vethRequest(session, mtu), endpoint, told);
  const made = await attach(adding, dataplane, message, allotted.isOld);
  const final = attachedRequest(request, allotted, made);
  const answer = await transact(session, addReads(final), () => addPlan(final));
  await awaitPolicy(session);
  const addresses = endpointAddresses(answer.endpoint);
  session.log.info('Networked the container', { addresses: ips.map(({ address }) => address).join(','), ...made });
  return addResult(cmd, { ...made, mtu, addresses }, { ...answer, routes }, delegated);
}

/** What a dataplane has made. */
interface Made {
  readonly hostName: string;
  /** '' for an interface that has none. */
  readonly mac: string;
}

async function attach(
  { session, call, undo }: Acquired,
  dataplane: DataplaneOptions,
  message: Message,
  isOld: boolean,
): Promise<Made> {
  const remove = (): void => {
    if (isOld) return;
    undo.add('have the dataplane remove the interface', () => removeThroughDataplane(session, dataplane, call.cmd));
  };
  try {
    const { hostInterfaceName, containerMac } = await callDataplane(session, dataplane, Add, message);
    remove();
    return storable(hostInterfaceName, containerMac);
  } catch (error) {
    // What the dataplane refuses may be another container's, so that only what it may have made is taken away.
    if (mayBeDone(error)) remove();
    throw error;
  }
}

/** What Felix could not read must not be stored. */
function storable(hostName: string, mac: string): Made {
  const said = `hostInterfaceName ${JSON.stringify(hostName)}, containerMac ${JSON.stringify(mac)}`;
  if (!/^[a-zA-Z0-9_.-]{1,15}$/.test(hostName)) {
    throw failure(`grpc dataplane error: no name of an interface: ${JSON.stringify(hostName)}`, said);
  }
  try {
    return { hostName, mac: readMac(mac) };
  } catch (error) {
    throw failure(`grpc dataplane error: ${toCniError(error).message}`, said, error);
  }
}

function attachedRequest(request: AddRequest, { endpoint, isOld }: Allotted, { hostName, mac }: Made): AddRequest {
  const addresses = endpointAddresses(endpoint).map(({ address }) => address);
  return {
    ...request,
    identity: { ...request.identity, hostVeth: hostName },
    content: { ...request.content, addresses, mac },
    ipam: undefined,
    attached: true,
    holding: request.ipam === undefined || isOld ? undefined : request.ipam.handleID,
  };
}
