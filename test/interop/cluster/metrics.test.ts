import { copyFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Figures, readFigures } from '../../support/calicoctl/exposition.ts';
import { type Asked, ask, HASH } from '../../support/calicoctl/serving.ts';
import { type Cluster, hasCluster, startCluster } from '../../support/cluster/cluster.ts';
import { POD_NETWORK } from '../../support/cluster/control-plane.ts';
import { NODE1 } from '../../support/kubernetes-datastore/kubelet.ts';
import { makeKeys } from '../../support/network/tls-keys.ts';

const WAIT = '--timeout=120s';
const KEYS = makeKeys();
/** Without the operator nobody knows what a ServiceMonitor is. */
const APPLY = `awk 'BEGIN { RS = ORS = "---\\n" } !/ServiceMonitor/' | kubectl apply -f -`;

describe.skipIf(!hasCluster())('on a whole cluster', { timeout: 300_000 }, () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await startCluster();
    await run('ctr -n k8s.io images import calico-cni-image.tar');
    await run('calico-install manifest --crds only | kubectl apply -f -');
    await run(`kubectl wait --for=condition=Established crd --all ${WAIT}`);
    await run(`calico-install manifest --crds none --pool ${POD_NETWORK} | kubectl apply -f -`);
    await run(`kubectl wait --for=condition=Ready node --all ${WAIT}`);
  }, 240_000);
  afterAll(() => cluster?.stop(), 60_000);

  async function run(command: string): Promise<string> {
    const ran = await cluster.host.run('sh', ['-ec', `cd ${cluster.folder}; ${command}`], { env: cluster.env });
    if (ran.exit !== 0) throw new Error(`${command}: exit ${ran.exit}\n${ran.stdout}${ran.stderr}`);
    return ran.stdout;
  }

  async function rolledOut(): Promise<void> {
    await run(`kubectl -n kube-system rollout status deployment/calico-metrics ${WAIT}`);
    await run(`kubectl -n kube-system rollout status daemonset/calico-metrics-node ${WAIT}`);
  }

  async function figuresOf(part: 'cluster' | 'node', scheme: string, more: Partial<Asked> = {}): Promise<Figures> {
    const pods = `kubectl -n kube-system get pods -l k8s-app=calico-metrics,part=${part} --field-selector=status.phase=Running`;
    const address = await run(`${pods} -o jsonpath='{.items[-1:].status.podIP}'`);
    const { status, body } = await ask(cluster, { url: `${scheme}://${address}:9094/metrics`, ...more });
    expect(status, body).toBe(200);
    return readFigures(body);
  }

  test('what ipam metrics --kubernetes prints serves the figures of the cluster and of the node', async () => {
    await run(`calicoctl ipam metrics --kubernetes | ${APPLY}`);
    await rolledOut();
    const all = await figuresOf('cluster', 'http');
    expect(all.value('ipam_datastore_up')).toBe(1);
    const used = Number(/IP Pool +\| \S+ \| +\d+ \| (\d+) /.exec(await run('calicoctl ipam show'))?.[1]);
    expect(used).toBeGreaterThanOrEqual(2);
    expect(all.sum('ipam_allocations_in_use')).toBe(used);
    const node = await figuresOf('node', 'http');
    expect(node.sum('calico_cni_calls_total', { verb: 'ADD', code: '0' })).toBeGreaterThanOrEqual(2);
    expect(node.value('calico_cni_journal_entries', { node: NODE1.name })).toBe(0);
    await expect
      .poll(async () => (await figuresOf('cluster', 'http')).value('ipam_check_timestamp_seconds'), { timeout: 60_000 })
      .toBeGreaterThan(0);
    const logs = await run('kubectl -n kube-system logs deployment/calico-metrics');
    expect(logs).toBe('Serving http://localhost:9094/metrics\n');
  });

  test('with a Secret it serves them over TLS to those who know the password', async () => {
    copyFileSync(KEYS.serverCert, cluster.host.file(`${cluster.folder}/tls.crt`));
    copyFileSync(KEYS.serverKey, cluster.host.file(`${cluster.folder}/tls.key`));
    writeFileSync(
      cluster.host.file(`${cluster.folder}/web-config.yml`),
      `tls_server_config: { cert_file: tls.crt, key_file: tls.key }\nbasic_auth_users: { prometheus: "${HASH}" }\n`,
    );
    const files = ['web-config.yml', 'tls.crt', 'tls.key'].map((name) => `--from-file=${name}`).join(' ');
    await run(`kubectl -n kube-system create secret generic metrics-web ${files} --from-literal=password=secret`);
    await run(`calicoctl ipam metrics --kubernetes --web-config-secret=metrics-web | ${APPLY}`);
    await rolledOut();
    const known = { user: 'prometheus:secret', insecure: true };
    for (const part of ['cluster', 'node'] as const)
      await expect
        .poll(async () => (await figuresOf(part, 'https', known)).sum('ipam_datastore_up'), { timeout: 60_000 })
        .toBe(part === 'cluster' ? 1 : 0);
  });
});
