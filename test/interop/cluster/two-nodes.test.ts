import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { tools } from '../../../build/tools.ts';
import { type Cluster, hasCluster, POD_IMAGE, startCluster } from '../../support/cluster/cluster.ts';
import { addWorker, type Worker } from '../../support/cluster/worker.ts';
import { startWatching, until } from '../../support/install/watching.ts';

const WAIT = '--timeout=60s';
/** Why the pods are not ready. */
const WHY =
  'kubectl -n kube-system logs -l k8s-app=calico-cni -c calico-node-run; kubectl -n kube-system describe pods | tail -40';
/** What pods' packets can be at most, without the headers of IP and ICMP, and what VXLAN needs of it. */
const FULL = 1_460 - 28;
const VXLAN = 50;

/** A pod on a node that serves a page. */
const podOn = (name: string, node: string): string =>
  `kubectl run ${name} --image=${POD_IMAGE} --image-pull-policy=Never --overrides='{"spec":{"nodeName":"${node}"}}' ` +
  '--command -- /bin/httpd -f -p 80 -h /www';

/** BIRD as its package leaves it: it runs as a user of its own, and knows no neighbour. */
async function startBird({ host }: Pick<Cluster, 'host'>, id: string): Promise<void> {
  await host.must('mkdir', ['-p', '/etc/bird', '/run/bird']);
  writeFileSync(host.file('/etc/bird/bird.conf'), `router id ${id};\nprotocol device {}\n`);
  await host.must('sh', ['-ec', 'chown -R nobody:nogroup /etc/bird /run/bird; chmod 640 /etc/bird/bird.conf']);
  const bird = `${tools().birds?.[2]}/bird`;
  const files = ['-c', '/etc/bird/bird.conf', '-s', '/run/bird/bird.ctl'];
  const running = startWatching(
    host,
    ['setpriv', '--pdeathsig', 'KILL', bird, '-f', '-u', 'nobody', '-g', 'nogroup', ...files],
    {},
  );
  onTestFinished(async () => void (await running.stop()));
}

describe.skipIf(!hasCluster())('on a cluster of two nodes, the manifest', { timeout: 240_000 }, () => {
  let cluster: Cluster;
  let worker: Worker;
  beforeAll(async () => {
    cluster = await startCluster();
    worker = await addWorker(cluster);
  }, 180_000);
  afterAll(async () => {
    await worker?.stop();
    await cluster?.stop();
  }, 90_000);

  const runOn = async ({ host, env }: Pick<Cluster, 'host' | 'env'>, command: string): Promise<string> => {
    const { exit, stdout, stderr } = await host.run('sh', ['-ec', `cd ${cluster.folder}; ${command}`], { env });
    if (exit !== 0) throw new Error(`${command}: exit ${exit}\n${stdout}${stderr}`);
    return stdout.trim();
  };
  const run = (command: string) => runOn(cluster, command);
  const addressOf = (pod: string) => run(`kubectl get pod ${pod} -o jsonpath='{.status.podIP}'`);

  async function apply(network: string): Promise<void> {
    await run(`calico-install manifest --crds none --network ${network} --pool 10.244.0.0/16 > calico.yaml`);
    await run('kubectl apply -f calico.yaml');
    await run(`kubectl -n kube-system rollout status daemonset/calico-cni ${WAIT} || { ${WHY}; exit 1; }`);
    await run(`kubectl wait --for=condition=Ready node --all ${WAIT}`);
    await run(podOn('one', 'node1'));
    await run(podOn('two', 'node2'));
    await run(`kubectl wait --for=condition=Ready pod/one pod/two ${WAIT}`);
  }

  async function reachEachOther(size: number): Promise<void> {
    const [one, two] = [await addressOf('one'), await addressOf('two')];
    for (const [from, to] of [
      ['one', two],
      ['two', one],
    ]) {
      expect(await run(`kubectl exec ${from} -- ping -c 3 -s ${size} ${to}`)).toContain(' 0% packet loss');
      expect(await run(`kubectl exec ${from} -- wget -qO- http://${to}/`)).toContain('hello');
    }
  }

  test('with --network vxlan makes pods of both reach each other, with full-size packets, and services', async () => {
    for (const node of [cluster, worker]) await runOn(node, 'ctr -n k8s.io images import calico-cni-image.tar');
    await run('calico-install manifest --crds only | kubectl apply -f -');
    await run(`kubectl wait --for=condition=Established crd --all ${WAIT}`);
    await apply('vxlan');
    await reachEachOther(FULL - VXLAN);
    for (const pod of ['one', 'two']) {
      const version = `kubectl exec ${pod} -- wget -qO- --no-check-certificate https://10.101.0.1/version`;
      expect(await run(version)).toContain('gitVersion');
    }
    const condition = '{.items[*].status.conditions[?(@.type=="NetworkUnavailable")].reason}';
    expect(await run(`kubectl get nodes -o jsonpath='${condition}'`)).toBe('CalicoIsUp CalicoIsUp');
    expect(await run('calicoctl ipam check')).toContain('Checked ');
  });

  test('loses no packet while its pods are replaced', async () => {
    const two = await addressOf('two');
    const pinging = run(`kubectl exec one -- ping -c 200 -i 0.1 ${two}`);
    await run('kubectl -n kube-system rollout restart daemonset/calico-cni');
    await run(`kubectl -n kube-system rollout status daemonset/calico-cni ${WAIT}`);
    expect(await pinging).toContain('200 packets transmitted, 200 packets received, 0% packet loss');
  });

  test('leaves nothing on a node after node stop --clean', async () => {
    await run(`kubectl delete pod one two --grace-period=1 ${WAIT}`);
    await run(`kubectl -n kube-system delete daemonset calico-cni ${WAIT}`);
    await run(`kubectl -n kube-system wait --for=delete pod -l k8s-app=calico-cni ${WAIT}`);
    for (const node of [cluster, worker]) {
      expect(await runOn(node, 'ip -br link')).toContain('vxlan.calico');
      await runOn(node, 'calicoctl node stop --clean');
      expect(await runOn(node, 'ip -br link; ip route')).not.toMatch(/vxlan\.calico|10\.244\./);
    }
  });

  test('with --network bgp does the same through the BIRD of each node', async () => {
    await startBird(cluster, '10.0.0.1');
    await startBird(worker, '10.0.1.2');
    await apply('bgp');
    await until(
      async () => /^10\.244\.\S+ via 10\.0\.1\.1 dev eth0 proto bird/m.test(await runOn(worker, 'ip route')),
      () => 'node2 has a route to the pods of node1',
    );
    await until(
      async () => /^10\.244\.\S+ via 10\.0\.1\.2 dev to-node2 proto bird/m.test(await run('ip route')),
      () => 'node1 has a route to the pods of node2',
    );
    await reachEachOther(FULL);
    expect(await run('ip -br link')).not.toContain('vxlan.calico');
    expect(await run('stat -c %U:%G:%a /etc/bird/bird.conf')).toBe('nobody:nogroup:640');
  });
});
