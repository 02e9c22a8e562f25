import type { NetConf } from '../../shared/cni/netconf.ts';
import { failure } from '../../shared/error/failure.ts';
import type { Log } from '../../shared/log/log.ts';
import { exists } from '../../shared/system/files.ts';
import { sleep } from '../../shared/system/pause.ts';
import type { World } from '../../shared/system/world.ts';

const INTERVAL_MS = 20;

/** Refuses an invalid delay, before any other work. */
export function requireDelay({ policySetupTimeoutSeconds: seconds }: NetConf): void {
  if (seconds < 0) throw failure(`invalid pod startup delay of ${seconds}`, 'policy_setup_timeout_seconds');
}

/** The parts of an endpoint's name that make up the name of Felix's status file. */
interface Endpoint {
  readonly orchestrator: string;
  readonly namespace: string;
  readonly workload: string;
  readonly endpoint: string;
}

interface Waiting {
  readonly conf: Pick<NetConf, 'policySetupTimeoutSeconds' | 'endpointStatusDir'>;
  readonly identity: Endpoint;
  readonly world: World;
  readonly log: Log;
}

/** Waits up to policy_setup_timeout_seconds for Felix to report the pod's policies in place (as Calico). Only warns when it does not. */
export async function awaitPolicy({ conf, identity, world, log }: Waiting): Promise<void> {
  const seconds = conf.policySetupTimeoutSeconds;
  if (seconds === 0 || identity.orchestrator !== 'k8s') return;
  const file = `${conf.endpointStatusDir}/${statusName(identity)}`;
  const until = world.elapsed() + seconds * 1000;
  while (!exists(file)) {
    if (world.elapsed() >= until) {
      log.warn('Policies are not in place in time: the pod starts without them', { file, seconds });
      return;
    }
    await sleep(INTERVAL_MS);
  }
}

/** e.g. `k8s prod%2Fweb-0 eth0` */
function statusName({ orchestrator, namespace, workload, endpoint }: Endpoint): string {
  return [orchestrator, `${namespace}/${workload}`, endpoint].map(encodeURIComponent).join(' ');
}
