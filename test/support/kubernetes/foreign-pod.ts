import { LIMITS } from '../bed/pair-damage.ts';
import { callPlugin, resultOf } from '../calls/call.ts';
import type { Host } from '../host/host.ts';
import { addNetns } from '../network/netns.ts';
import { type Conf, conf } from '../stored/cluster.ts';
import { podArgs } from './pods.ts';

const IPAM = { type: 'host-local', subnet: '10.82.0.0/24', dataDir: '/run/calico-test/net3' };

/** The kernel adds a route of its own once no other host has answered for the host end's IPv6 address. */
const SETTLED = 'while ip -6 address show tentative | grep -q inet6; do sleep 0.1; done';

/**
 * A shaped pod of the network `net3`, more than a minute old, whose host end has a configured prefix instead of `cali`. No call
 * for another network may touch it. It has no address from Calico. With the Kubernetes datastore, `configured` makes its
 * configuration, and the pod exists.
 */
export async function bringUpForeignPod(
  host: Host,
  changes: Conf = {},
  configured: (changes: Conf) => Conf = conf,
  pod = 'foreign',
): Promise<void> {
  const limited = { bandwidth_by: 'plugin', runtimeConfig: { bandwidth: LIMITS } };
  const ran = await callPlugin(host, {
    command: 'ADD',
    containerID: 'f0'.repeat(16),
    netns: await addNetns(host, 'foreign'),
    args: podArgs({ namespace: 'prod', pod }),
    env: { KUBERNETES_MASTER: 'https://127.0.0.1:1', FELIX_INTERFACEPREFIX: 'tapx' },
    conf: configured({ cniVersion: '1.0.0', name: 'net3', ipam: IPAM, ...limited, ...changes }),
  });
  resultOf(ran);
  await host.must('sh', ['-c', SETTLED]);
  await ageLinks(host);
}

/** Makes every interface look two minutes old: GC leaves those younger than one minute to a running ADD. */
export const ageLinks = (host: Host): Promise<string> =>
  host.must('sh', ['-ec', 'cd /proc/sys/net/ipv4/conf; touch -d "2 minutes ago" -- *']);
