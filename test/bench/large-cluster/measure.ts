import { say } from '../../../build/say.ts';
import { makeKeys } from '../../support/network/tls-keys.ts';
import { costOf } from '../calicoctl-cost.ts';
import type { Line } from '../figures.ts';
import type { Stage } from '../stage.ts';
import { largeCluster, type Size } from './objects.ts';
import { serveCluster } from './server.ts';

const WHOLE: Size = { blocks: 10_000, pods: 100_000 };
const SMALL: Size = { blocks: 500, pods: 5_000 };
const COMMANDS = [
  'ipam check --cluster-only',
  'ipam show',
  'ipam metrics --only=cluster --check-every=0',
  'ipam metrics --only=cluster',
  'get workloadendpoints -A',
  'get workloadendpoints -A -o json',
];

/** What calicoctl costs on a large cluster with the Kubernetes datastore. The server makes its answers up. */
export async function measureLargeCluster({ quick, time }: Stage): Promise<readonly Line[]> {
  if (time === undefined) {
    say('Not measured: GNU time is missing');
    return [];
  }
  const size = quick ? SMALL : WHOLE;
  const keys = makeKeys();
  const server = await serveCluster(keys, largeCluster(size));
  const env = {
    PATH: process.env['PATH'],
    DATASTORE_TYPE: 'kubernetes',
    CALICO_API_GROUP: 'crd.projectcalico.org/v1',
    K8S_API_ENDPOINT: server.url,
    K8S_CA_FILE: keys.ca,
  };
  const lines: Line[] = [];
  try {
    for (const words of COMMANDS) {
      const figures = await costOf(time, words.split(' '), env);
      lines.push({ name: `calicoctl ${words}, ${named(size)}`, figures });
    }
  } finally {
    server.close();
  }
  return lines;
}

const named = ({ blocks, pods }: Size): string =>
  `${blocks.toLocaleString('en')} blocks, ${pods.toLocaleString('en')} pods`;
