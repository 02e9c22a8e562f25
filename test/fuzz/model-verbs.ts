import { assignRequest } from '../../ipam/allocate/assign-request.ts';
import { missingFromIpam } from '../../ipam/block/missing-addresses.ts';
import { containersHolding } from '../../ipam/release/stale.ts';
import { checkFailed, requirePrevResult } from '../../ipam/verbs/check.ts';
import { cleanUp, piecesLeft, validContainers } from '../../ipam/verbs/gc.ts';
import { couldAssign } from '../../ipam/verbs/status.ts';
import { requireKnownDevice, requireNodenameFile } from '../../plugins/call/preconditions.ts';
import type { Session } from '../../plugins/call/session.ts';
import { addPlan, sharedProfile } from '../../plugins/decide/add-decision.ts';
import { addRequest, ownLabels } from '../../plugins/decide/add-request.ts';
import { birthAt } from '../../plugins/decide/birth.ts';
import { delPlan } from '../../plugins/decide/del-decision.ts';
import { existingEndpoint } from '../../plugins/decide/existing-endpoint.ts';
import { identify, requireNames } from '../../plugins/decide/identity.ts';
import { addResult, endpointAddresses } from '../../plugins/decide/result.ts';
import { mayRemoveHostVeth } from '../../plugins/decide/veth-owner.ts';
import { requestedMac, wantedPair } from '../../plugins/decide/wanted-pair.ts';
import type { PodContent } from '../../plugins/kubernetes/pod-content.ts';
import { shapingOf } from '../../plugins/linux/shaper.ts';
import { requireShapeable } from '../../plugins/linux/shaping-plan.ts';
import {
  containerSteps,
  containerSysctls,
  createSteps,
  hostSteps,
  hostSysctls,
  type Step,
  type Sysctl,
} from '../../plugins/linux/veth-plan.ts';
import { nodeName } from '../../shared/call/node-name.ts';
import { readCniArgs } from '../../shared/cni/args.ts';
import type { NetConf } from '../../shared/cni/netconf.ts';
import type { Call, Verbs } from '../../shared/cni/skel.ts';
import { ALL_VERSIONS } from '../../shared/cni/version.ts';
import { transact } from '../../shared/datastore/transaction.ts';
import { podVethName } from '../../shared/kubernetes/veth-name.ts';
import { silent } from '../../shared/log/log.ts';
import type { World } from '../../shared/system/world.ts';

/** What the kernel would be asked to do. */
export interface KernelWork {
  readonly steps: readonly Step[];
  readonly sysctls: readonly Sysctl[];
}

export interface Surroundings {
  /** A datastore for one call. */
  readonly open: (conf: NetConf, env: World['env']) => Pick<Session, 'store' | 'datastore'>;
  readonly pod?: PodContent;
  readonly onKernelWork: (work: KernelWork) => void;
}

/**
 * The verbs of `calico` with their real parsers, decisions and transactions. The store is a model, and kernel changes
 * are only planned.
 */
export function modelVerbs(around: Surroundings): Verbs {
  const with_ = <T>(call: Call, work: (session: Session) => Promise<T>): Promise<T> => work(sessionOf(call, around));
  return {
    about: 'fuzzed',
    component: 'cni-plugin',
    supported: ALL_VERSIONS,
    unversioned: '0.2.0',
    add: async (call, answer) => answer(await with_(call, (session) => add(session, call, around))),
    del: (call) => with_(call, del),
    check: (call) => with_(call, check),
    status: (call) => with_(call, status),
    gc: (call) => with_(call, gc),
    ended: async () => {},
  };
}

function sessionOf({ world, cmd, conf }: Call, { open }: Surroundings): Session {
  requireNodenameFile(conf);
  const args = readCniArgs(cmd.args, { ignoreUnknown: true });
  const identity = identify(conf, cmd, args, nodeName(conf), podVethName(world.env, args));
  return {
    ...open(conf, world.env),
    world,
    cmd,
    conf,
    args,
    identity,
    log: silent,
    endpoints: [],
    deadline: 60_000,
  };
}

async function add(session: Session, call: Call, { pod, onKernelWork }: Surroundings) {
  const { conf, identity, args, world } = session;
  requireKnownDevice(conf);
  requireShapeable(conf.runtimeConfig.bandwidth);
  const shared = sharedProfile(conf);
  requireNames(identity, shared === undefined ? [] : [shared], ownLabels(session));
  const shaping = shapingOf(conf, identity.hostVeth);
  const mac = requestedMac(session) || '02:00:00:00:00:01';
  const base = { ...wantedPair(session, { mac, mtu: conf.mtu }), ...(shaping && { shaping }) };
  const delegated = conf.ipam.type === 'calico-ipam' ? undefined : ['10.9.9.9'];
  const now = world.now();
  const request = addRequest({
    ...{ identity, conf, args, pod, delegated, now, hostVethTaken: true },
    namespaceLabels: pod?.namespaceLabels ?? {},
    mac: pod?.mac ?? base.mac,
    birth: birthAt(now, (bytes) => world.random(bytes)),
  });
  const answer = await transact(session, () => addPlan(request));
  const { endpoint } = answer;
  const pair = { ...base, mac: endpoint.spec.mac ?? base.mac, addresses: endpointAddresses(endpoint) };
  const steps = [...createSteps(pair), ...containerSteps(pair, 'add'), ...hostSteps(pair, pair.addresses)];
  onKernelWork({ steps, sysctls: [...hostSysctls(pair), ...containerSysctls(pair)] });
  return addResult(call.cmd, pair, answer, undefined);
}

async function del(session: Session): Promise<void> {
  const { identity, world } = session;
  const ipam = {
    handleIDs: [identity.handleID, identity.legacyHandleID],
    node: identity.node,
    now: world.now(),
    readOwnBlocks: session.store.isTransactional === false,
  };
  await transact(session, () => mayRemoveHostVeth(identity));
  const request = { identity, ipam };
  await transact(session, () => delPlan(request));
}

async function check(session: Session): Promise<void> {
  const { identity, conf } = session;
  const addresses = requirePrevResult(conf).ips.map(({ address }) => address.split('/')[0] ?? '');
  const found = await transact(session, () => existingEndpoint(identity));
  const faults = await transact(session, () => missingFromIpam(identity.handleID, addresses));
  const all = [...(found === undefined ? ['endpoint does not exist'] : []), ...faults];
  if (all.length > 0) throw checkFailed(all);
}

async function status(session: Session): Promise<void> {
  const { conf, args, identity, world } = session;
  const { node, handleID } = identity;
  const request = assignRequest({ conf, args, node, handleID, namespaceLabels: undefined, now: world.now() });
  await transact(session, () => couldAssign(request));
}

async function gc(session: Session): Promise<void> {
  const { conf, identity } = session;
  const valid = validContainers(conf);
  const request = { node: identity.node, network: conf.name, kept: valid };
  const { containers } = await transact(session, () => containersHolding(request));
  for (const id of containers.filter((one) => !valid.has(one))) {
    await del({
      ...session,
      identity: identify(conf, { containerID: id, ifName: 'eth0' }, session.args, identity.node, ''),
    });
  }
  await cleanUp(piecesLeft(session, request), []);
}
