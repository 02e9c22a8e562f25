import { DUAL } from '../support/stored/cluster.ts';
import { certificates, TLS_ENDPOINT, tlsFlags } from './certificates.ts';
import { type Ours, ours, REFERENCE, reference } from './contestants.ts';
import { readBack } from './copies.ts';
import type { Line } from './figures.ts';
import { startFreshEtcd } from './here.ts';
import { withoutHints } from './hints.ts';
import { type Contestant, race } from './race.ts';
import { netnsOf, OTHER_NODE, type Stage, withCluster } from './stage.ts';

/** A program's start alone, for ours also after its file was read back from disk, as after a reboot. */
export function measureStart(stage: Stage): Promise<readonly Line[]> {
  const plugin = readBack(stage.folder);
  return beside(stage, ['VERSION'], 1, [{ name: 'calico, read back from disk', plugin }]);
}

/** One container's life with one IPv4 address, on a node that has its block. */
export function measurePlain(stage: Stage): Promise<readonly Line[]> {
  return beside(stage, ['ADD', 'CHECK', 'STATUS', 'DEL'], 1, [], ['ADD', 'DEL']);
}

/** The same with one address of each family. */
export function measureDual(stage: Stage): Promise<readonly Line[]> {
  return beside(stage, ['ADD', 'DEL'], 2);
}

/** Ours compared with the reference, with this many address families; `unhinted`: commands that are also timed without hints. */
function beside(
  stage: Stage,
  commands: readonly string[],
  families: 1 | 2,
  others: readonly Pick<Ours, 'name' | 'plugin'>[] = [],
  unhinted: readonly string[] = [],
): Promise<readonly Line[]> {
  return withCluster(stage, async (etcd) => {
    const suffix = families === 2 ? ', IPv4 + IPv6' : '';
    const peer = reference(await netnsOf(stage, 'reference'), families);
    const changes = () => (families === 2 ? { ipam: DUAL } : {});
    const netns = await netnsOf(stage, 'ours');
    const bare = ours({ name: 'calico, no hint', etcd, netns: await netnsOf(stage, 'unhinted'), against: 'calico' });
    const lacks = commands.filter((command) => !unhinted.includes(command));
    const contestants: readonly Contestant[] = [
      ours({ name: `calico${suffix}`, etcd, netns, changes, against: REFERENCE + suffix }),
      ...others.map((other) => ours({ ...other, etcd, netns, against: 'calico' })),
      ...(unhinted.length === 0 ? [] : [{ ...withoutHints(stage.host, bare, OTHER_NODE), lacks }]),
      { ...peer, name: peer.name + suffix },
    ];
    return race({ ...stage, contestants, commands });
  });
}

/** Calls that count themselves, compared with calls that do not. */
export function measureMetrics(stage: Stage): Promise<readonly Line[]> {
  return withCluster(stage, async (etcd) => {
    const without = { name: 'calico, metrics: false', changes: () => ({ metrics: false }) };
    const plain = ours({ ...without, etcd, netns: await netnsOf(stage, 'uncounted') });
    const counted = ours({ name: 'calico', etcd, netns: await netnsOf(stage, 'ours'), against: plain.name });
    return race({ ...stage, contestants: [counted, plain], commands: ['ADD', 'DEL'] });
  });
}

/** Over TLS with a client certificate, compared with the same etcd without TLS. */
export async function measureTls(stage: Stage): Promise<readonly Line[]> {
  const files = await certificates(stage.host);
  const start = (host: Stage['host']) => startFreshEtcd(host, 2379, tlsFlags(files));
  return withCluster(
    stage,
    async (etcd) => {
      const plain = ours({ name: 'calico, no TLS', etcd, netns: await netnsOf(stage, 'ours') });
      const changes = () => ({
        etcd_endpoints: TLS_ENDPOINT,
        etcd_ca_cert_file: files.ca,
        etcd_cert_file: files.cert,
        etcd_key_file: files.key,
      });
      const secure = ours({
        name: 'calico, TLS',
        etcd,
        netns: await netnsOf(stage, 'tls'),
        changes,
        against: plain.name,
      });
      return race({ ...stage, contestants: [secure, plain], commands: ['ADD', 'DEL'] });
    },
    start,
  );
}
