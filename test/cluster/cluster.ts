import { prepared } from '../../build/prepared.ts';
import { say } from '../../build/say.ts';
import { openTranscript } from '../../build/transcript.ts';
import { hasCluster, startCluster } from '../support/cluster/cluster.ts';
import { fromNothing } from '../support/cluster/from-nothing.ts';

/**
 * `npm run cluster`: from nothing to networked pods on a whole cluster of one node (API server, controllers, scheduler, kube-proxy,
 * kubelet, containerd), in namespaces of this command, as a transcript.
 */
await prepared(async () => {
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stop.abort());
  if (!hasCluster()) throw new Error('Parts of a cluster are missing, as said above');
  say('Starting a cluster …');
  const cluster = await startCluster();
  try {
    const inFolder = ['env', `--chdir=${cluster.folder}`];
    await fromNothing(openTranscript(cluster.env, stop.signal, [...cluster.host.enter(), ...inFolder]), 'kubernetes');
    return 0;
  } finally {
    await cluster.stop();
  }
}, ['chain', 'kube-apiserver', 'kubelet', 'cluster', 'openssl']);
