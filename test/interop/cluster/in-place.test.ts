import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { calicoYaml } from '../../support/cluster/calico-node.ts';
import { type Cluster, hasCluster, POD_IMAGE, startCluster } from '../../support/cluster/cluster.ts';

const PAGE = readFileSync('docs/manifest.md', 'utf8');
const WAIT = '--timeout=120s';
const ROLLED_OUT = `kubectl -n kube-system rollout status daemonset/calico-node ${WAIT}`;

/** A command of the page that begins so, without its comment. */
function documented(start: string): string {
  const line = PAGE.split('\n').find((one) => one.startsWith(start));
  if (line === undefined) throw new Error(`docs/manifest.md has no ${start}`);
  return line.replace(/ +# .*$/, '');
}

describe.skipIf(!hasCluster())('a cluster with calico.yaml', { timeout: 240_000 }, () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await startCluster();
  }, 120_000);
  afterAll(() => cluster?.stop(), 60_000);

  async function run(command: string): Promise<string> {
    const ran = await cluster.host.run('sh', ['-ec', `cd ${cluster.folder}; ${command}`], { env: cluster.env });
    if (ran.exit !== 0) throw new Error(`${command}: exit ${ran.exit}\n${ran.stdout}${ran.stderr}`);
    return ran.stdout;
  }

  test('gets our plugin by the documented patch of its DaemonSet, and goes back by its history', async () => {
    await run('ctr -n k8s.io images import calico-cni-image.tar');
    await run('calico-install manifest --crds only | kubectl apply -f -');
    await run(`kubectl wait --for=condition=Established crd --all ${WAIT}`);
    const list = { apiVersion: 'v1', kind: 'List', items: calicoYaml() };
    writeFileSync(cluster.host.file(`${cluster.folder}/calico.json`), JSON.stringify(list));
    await run('kubectl apply -f calico.json');
    await run(ROLLED_OUT);

    await run(documented('kubectl -n kube-system patch daemonset calico-node'));
    await run(ROLLED_OUT);
    await run(`kubectl wait --for=condition=Ready node --all ${WAIT}`);
    await run(`kubectl run web --image=${POD_IMAGE} --image-pull-policy=Never`);
    await run(`kubectl wait --for=condition=Ready pod/web ${WAIT}`);
    expect(await run("kubectl get pod web -o jsonpath='{.status.podIP}'")).toMatch(/^10\.244\./);

    await run(documented('kubectl -n kube-system rollout undo').replace('=N', '=1'));
    await run(ROLLED_OUT);
    const images =
      "kubectl -n kube-system get daemonset calico-node -o jsonpath='{.spec.template.spec.initContainers[*].image}'";
    expect(await run(images)).toBe(POD_IMAGE);
    await run(`kubectl delete pod web --grace-period=1 ${WAIT}`);
    expect(await run('calicoctl ipam check')).toContain('found 0 problems');
  });
});
