import { openConfigured } from '../../shared/call/open-datastore.ts';
import type { NetConf } from '../../shared/cni/netconf.ts';
import { readNetConf } from '../../shared/cni/netconf-read.ts';
import { conclude } from '../../shared/cni/skel.ts';
import { get } from '../../shared/datastore/query.ts';
import { CLUSTER_INFORMATION } from '../../shared/datastore/ref.ts';
import { transact } from '../../shared/datastore/transaction.ts';
import type { Outcome, Plan } from '../../shared/datastore/view.ts';
import { Failure } from '../../shared/error/failure.ts';
import { toFailure, withContext } from '../../shared/error/failure-context.ts';
import { openKubernetes } from '../../shared/kubernetes/client.ts';
import { readApiConfig } from '../../shared/kubernetes/configuration.ts';
import { silent } from '../../shared/log/log.ts';
import type { World } from '../../shared/system/world.ts';
import { requireReady } from '../decide/cluster.ts';

/** How long `calico -t` waits for an answer (as Calico). */
const LIMIT_MS = 2_000;

/**
 * `calico -t`: checks that the datastore configured on standard input answers and is ready. Returns a line for the user; throws
 * code 100 with the reason if not.
 */
export function testDatastore(world: World): Promise<number> {
  return conclude(world, async () => {
    try {
      return `${await ask(world)}\n`;
    } catch (error) {
      const { message, details } = toFailure(error, 'testing the datastore');
      const where = details === undefined ? message : `${message}: ${details}`;
      throw new Failure('datastore test failed', 'data store connection failed', { where, cause: error });
    }
  });
}

/** Checks everything and returns the line to print. */
async function ask(world: World): Promise<string> {
  const conf = readNetConf(world.stdin());
  const { store, where } = await openConfigured(conf, '', world, silent);
  try {
    const deadline = world.elapsed() + LIMIT_MS;
    await transact({ store, world, deadline, log: silent }, readiness);
  } finally {
    store.close();
  }
  const ready = `The datastore answers and is ready: ${where()}`;
  if (conf.kubernetes.kubeconfig === '') return ready;
  await askKubernetes(world, conf);
  return `${ready}. The API server of ${conf.kubernetes.kubeconfig} answers.`;
}

/** Checks that the configured API server answers. */
async function askKubernetes(world: World, conf: NetConf): Promise<void> {
  await saying('error building K8s client config', () => readApiConfig(conf, world.env));
  const kubernetes = openKubernetes({ conf, world, log: silent, deadline: world.elapsed() + LIMIT_MS });
  try {
    await saying('unable to connect to K8s server', () => kubernetes.version());
  } finally {
    kubernetes.close();
  }
}

async function saying(what: string, work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    throw withContext(what, error);
  }
}

function* readiness(): Plan<Outcome<undefined>> {
  requireReady(yield [get(CLUSTER_INFORMATION)]);
  return { changes: [], answer: undefined };
}
