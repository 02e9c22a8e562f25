import { writeFileSync } from 'node:fs';
import type { HostState, PodState, State } from '../../support/bed/state.ts';
import type { Host } from '../../support/host/host.ts';
import { addNetns } from '../../support/network/netns.ts';

type Line = Readonly<Record<string, unknown>>;

/** Sets a machine's kernel up as the original left it in the recording: pairs, addresses, routes, sysctls. */
export async function rebuildKernel(host: Host, recorded: State): Promise<void> {
  for (const [name, pod] of Object.entries(recorded.pods)) {
    await addNetns(host, name, '1');
    const lines = pod.addrs.flatMap((end) => pairLines(recorded.host, name, end));
    await batch(host, 'host', lines);
    await setSysctls(host, recorded.host);
    await batch(
      host,
      'host',
      recorded.host.links
        .filter(({ ifname }) => lines.join().includes(`${ifname}`))
        .map(({ ifname }) => `link set ${ifname} up`),
    );
    await batch(host, name, podLines(pod));
    await forward(host, name, pod.ip_forward);
  }
  await batch(host, 'host', recorded.host.routes.filter(isSetByPlugin).map(routeLine));
}

/** The pair whose host end has the route to an address of this container end. */
function pairLines({ links, routes }: HostState, pod: string, end: Line): readonly string[] {
  const addresses = (end['addr_info'] as readonly Line[]).map(({ local }) => local);
  const route = routes.find(({ dst }) => addresses.includes(dst));
  const link = links.find(({ ifname }) => ifname === route?.['dev']);
  if (link === undefined) return [];
  const queues = `numtxqueues ${link['num_tx_queues']} numrxqueues ${link['num_tx_queues']}`;
  const { ifname, mtu, address } = link;
  const near = `link add ${ifname} address ${address} mtu ${mtu} txqueuelen 0 ${queues}`;
  return [
    `${near} type veth peer ${end['ifname']} address ${end['address']} mtu ${end['mtu']} txqueuelen 0 ${queues} netns ${pod}`,
  ];
}

function podLines({ addrs, routes }: PodState): readonly string[] {
  const addresses = addrs.flatMap(({ ifname, addr_info }) =>
    (addr_info as readonly Line[])
      .filter(({ scope }) => scope === 'global')
      .map(
        ({ local, prefixlen }) =>
          `addr add ${local}/${prefixlen} dev ${ifname}${`${local}`.includes(':') ? ' nodad' : ''}`,
      ),
  );
  const set = routes.filter(isSetByPlugin);
  const gateways = set.filter(({ gateway }) => gateway === undefined);
  const through = set.filter(({ gateway }) => gateway !== undefined);
  return [
    ...addrs.map(({ ifname }) => `link set ${ifname} up`),
    ...addresses,
    ...[...gateways, ...through].map(routeLine),
  ];
}

const isSetByPlugin = ({ protocol, type }: Line) => protocol !== 'kernel' && type !== 'blackhole';

function routeLine({ dst, gateway, dev, scope, metric }: Line): string {
  const via = gateway === undefined ? '' : ` via ${gateway}`;
  return `route add ${dst}${via} dev ${dev}${scope === undefined ? '' : ` scope ${scope}`}${metric === undefined ? '' : ` metric ${metric}`}`;
}

async function setSysctls(host: Host, { sysctls }: HostState): Promise<void> {
  const settings = Object.entries(sysctls).map(
    ([name, value]) => `if [ -e ${name} ]; then echo ${value} > ${name}; fi`,
  );
  await host.must('sh', ['-ec', `cd /proc/sys/net; ${settings.join('; ')}`]);
}

async function forward(host: Host, pod: string, value: string): Promise<void> {
  const script = `echo ${value} > /proc/sys/net/ipv4/ip_forward`;
  await host.must('nsenter', [`--net=/run/netns/${pod}`, 'sh', '-ec', script]);
}

async function batch(host: Host, where: string, lines: readonly string[]): Promise<void> {
  const file = '/run/calico-test/batch';
  writeFileSync(host.file(file), `${lines.join('\n')}\n`);
  await host.must('ip', [...(where === 'host' ? [] : ['-n', where]), '-batch', file]);
}
