import { assignRequest } from '../../ipam/allocate/assign-request.ts';
import type { AssignRequest } from '../../ipam/allocate/request.ts';
import { firstReads } from '../../ipam/allocate/setting.ts';
import { handleOf } from '../../ipam/block/handle-id.ts';
import { couldAssign, notAvailable, STATUS_LIMIT_MS } from '../../ipam/verbs/status.ts';
import { datastoreType } from '../../shared/call/datastore-type.ts';
import { nodeName } from '../../shared/call/node-name.ts';
import { openStoreAndLog } from '../../shared/call/store-and-log.ts';
import { readCniArgs } from '../../shared/cni/args.ts';
import { delegate } from '../../shared/cni/delegate.ts';
import type { Call } from '../../shared/cni/skel.ts';
import { get } from '../../shared/datastore/query.ts';
import { CLUSTER_INFORMATION } from '../../shared/datastore/ref.ts';
import { transact } from '../../shared/datastore/transaction.ts';
import type { Outcome, Plan } from '../../shared/datastore/view.ts';
import { dataplaneOf } from '../call/dataplane-of.ts';
import { effectiveMtu } from '../call/mtu.ts';
import { requireKnownDevice, requireKnownShaper, requireNodenameFile } from '../call/preconditions.ts';
import { requireReady } from '../decide/cluster.ts';
import { requireAddable } from '../decide/kubernetes-datastore.ts';

/**
 * CNI STATUS: code 50 when an ADD would fail now. Checks kernel, programs or dataplane, node, datastore, pools, and another IPAM
 * plugin's STATUS. Two reads, or more when the node's blocks are full. Writes nothing, except the labels that affinities of old releases lack in the Kubernetes API.
 */
export function status(call: Call): Promise<void> {
  return notAvailable(() => ask(call));
}

async function ask(call: Call): Promise<void> {
  const { world, cmd, conf } = call;
  requireKnownDevice(conf);
  requireNodenameFile(conf);
  const dataplane = await dataplaneOf(conf);
  requireKnownShaper(conf);
  effectiveMtu(conf);
  if (datastoreType(conf, world.env) === 'kubernetes') requireAddable(world.env, conf);
  await dataplane.requireReady(STATUS_LIMIT_MS);
  const node = nodeName(conf);
  const { store, log } = await openStoreAndLog(call, node, 'cni-plugin', {});
  try {
    const deadline = world.elapsed() + STATUS_LIMIT_MS;
    await store.begin(deadline);
    const args = readCniArgs(cmd.args, { ignoreUnknown: true });
    const whose = { node, handleID: handleOf(conf.name, 'status'), namespaceLabels: undefined };
    const asking = { conf, args, ...whose, now: world.now() };
    const request = conf.ipam.type === 'calico-ipam' ? assignRequest(asking) : undefined;
    await transact({ store, world, log, deadline }, () => couldAdd(request));
    if (request === undefined) delegate('STATUS', conf.ipam.type, call);
  } finally {
    store.close();
  }
}

function* couldAdd(request: AssignRequest | undefined): Plan<Outcome<undefined>> {
  requireReady(yield [get(CLUSTER_INFORMATION), ...(request === undefined ? [] : firstReads(request))]);
  return request === undefined ? { changes: [], answer: undefined } : yield* couldAssign(request);
}
