import type { EtcdConfig } from '../../shared/etcd/config.ts';
import { discover } from '../../shared/etcd/discover.ts';
import { probe } from '../../shared/etcd/probe.ts';
import { certificateEnd } from '../../shared/http2/certificate-end.ts';
import { readEndpoint } from '../../shared/net/endpoint.ts';
import type { World } from '../../shared/system/world.ts';
import type { Command } from '../command-line/command.ts';
import { serverExpiry } from './certificates.ts';
import { checkKubernetes } from './check-kubernetes.ts';
import { datastoreText, type EndpointState, type OwnCertificates } from './state-text.ts';

/** `calicoctl datastore check`. */
export const datastoreCheck: Command = {
  words: 'datastore check',
  summary: 'Check the health of etcd’s endpoints or of the API server',
  about:
    'Time to connect and to read, version, and when certificates expire; for each endpoint of etcd also leader, alarms and login, ' +
    'for the Kubernetes API also the user and missing custom resource definitions. Status 0: healthy, 1: problems found.',
  options: [],
  examples: [{ what: 'Is the datastore healthy?', line: 'datastore check' }],
  async run(context) {
    const { target, world } = context;
    if (target.type === 'kubernetes') return checkKubernetes(context, target.kubernetes);
    const { etcd } = target;
    const endpoints = etcd.endpoints.length > 0 ? etcd.endpoints : await discover(etcd.discoverySrv, DISCOVERY_MS);
    context.progress('Querying etcd …');
    const probes = await Promise.all(endpoints.map((endpoint) => stateOf(endpoint, etcd, world)));
    context.progress('');
    const { text, clean } = datastoreText(probes, ownCertificates(etcd), Number(world.now() / 1_000_000n));
    context.out(text);
    return clean ? 0 : 1;
  },
};

const DISCOVERY_MS = 5_000;
/** How long an endpoint may take to send its certificate. */
const CERTIFICATE_MS = 5_000;

async function stateOf(configured: string, etcd: EtcdConfig, world: World): Promise<EndpointState> {
  const { secure, url } = readEndpoint(configured);
  const expiry = secure && url ? serverExpiry(url, etcd.tls.pair, CERTIFICATE_MS) : undefined;
  const [probed, certificateEnds] = await Promise.all([probe(configured, etcd, world), expiry]);
  return { ...probed, ...(certificateEnds !== undefined && { certificateEnds }) };
}

function ownCertificates({ tls }: EtcdConfig): OwnCertificates {
  const known = { 'the client certificate': tls.pair?.cert, 'the CA certificate': tls.ca };
  const ends = Object.entries(known).map(
    ([what, pem]) => [what, pem === undefined ? undefined : certificateEnd(pem)] as const,
  );
  return Object.fromEntries(ends.filter((entry): entry is [string, number] => entry[1] !== undefined));
}
