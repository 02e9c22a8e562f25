import type { Context } from '../../ctl/command-line/context.ts';
import { rfc3339Seconds } from '../../shared/calico/go-time.ts';
import { openKubernetesTarget } from '../../shared/call/open-kubernetes.ts';
import { refusal } from '../../shared/kubernetes-datastore/refusal.ts';

const CONTENT_TYPE = 'application/strategic-merge-patch+json';

/** Says in the Kubernetes node that its network works, as calico/node does. Does nothing on another datastore. */
export async function markNetworkAvailable(
  { target, world, log, deadline }: Pick<Context, 'target' | 'world' | 'log' | 'deadline'>,
  node: string,
): Promise<void> {
  if (target.type !== 'kubernetes') return;
  const opened = openKubernetesTarget(target.kubernetes, world, log);
  try {
    const path = `/api/v1/nodes/${encodeURIComponent(node)}/status`;
    const body = JSON.stringify({ status: { conditions: [condition(world.now())] } });
    const reply = await opened.api.ask({ method: 'PATCH', path, body, contentType: CONTENT_TYPE }, deadline);
    if (reply.status === 200) return;
    throw refusal({ verb: 'patch', group: '', resource: 'nodes/status', name: node }, opened.where(), reply);
  } finally {
    opened.store.close();
  }
}

function condition(now: bigint): object {
  const time = rfc3339Seconds(now);
  return {
    type: 'NetworkUnavailable',
    status: 'False',
    reason: 'CalicoIsUp',
    message: 'Calico is running on this node',
    lastHeartbeatTime: time,
    lastTransitionTime: time,
  };
}
