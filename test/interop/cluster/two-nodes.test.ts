import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Cluster, hasCluster, POD_IMAGE, startCluster } from '../../support/cluster/cluster.ts';
import { addWorker, type Worker } from '../../support/cluster/worker.ts';

const WAIT = '--timeout=120s';
/** Without the headers of VXLAN, IP and ICMP: as large as a packet between these nodes can be. */
const FULL = 1_460 - 50 - 28;

/** A pod on a node that serves a page. */
const podOn = (name: string, node: string): string =>
  `kubectl run ${name} --image=${POD_IMAGE} --image-pull-policy=Never --overrides='{"spec":{"nodeName":"${node}"}}' ` +
  '--command -- /bin/httpd -f -p 80 -h /www';

describe.skipIf(!hasCluster())(
  'on a cluster of two nodes, the manifest with --network vxlan',
  { timeout: 240_000 },
  () => {
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

    test('makes pods of both reach each other, with full-size packets, and services', async () => {
      for (const node of [cluster, worker]) await runOn(node, 'ctr -n k8s.io images import calico-cni-image.tar');
      await run('calico-install manifest --crds only | kubectl apply -f -');
      await run(`kubectl wait --for=condition=Established crd --all ${WAIT}`);
      await run('calico-install manifest --crds none --network vxlan --pool 10.244.0.0/16 > calico.yaml');
      await run('kubectl apply -f calico.yaml');
      await run(`kubectl -n kube-system rollout status daemonset/calico-cni ${WAIT}`);
      await run(`kubectl wait --for=condition=Ready node --all ${WAIT}`);
      for (const [name, node] of [
        ['one', 'node1'],
        ['two', 'node2'],
      ] as const)
        await run(podOn(name, node));
      await run(`kubectl wait --for=condition=Ready pod/one pod/two ${WAIT}`);
      const [one, two] = [await addressOf('one'), await addressOf('two')];
      for (const [from, to] of [
        ['one', two],
        ['two', one],
      ] as const) {
        expect(await run(`kubectl exec ${from} -- ping -c 3 -s ${FULL} ${to}`)).toContain(' 0% packet loss');
        expect(await run(`kubectl exec ${from} -- wget -qO- http://${to}/`)).toContain('hello');
      }
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

    test('is removed from a node by node stop --clean', async () => {
      await run(`kubectl delete pod one two --grace-period=1 ${WAIT}`);
      await run(`kubectl -n kube-system delete daemonset calico-cni ${WAIT}`);
      await run(`kubectl -n kube-system wait --for=delete pod -l k8s-app=calico-cni ${WAIT}`);
      for (const node of [cluster, worker]) {
        expect(await runOn(node, 'ip -br link')).toContain('vxlan.calico');
        await runOn(node, 'calicoctl node stop --clean');
        expect(await runOn(node, 'ip -br link; ip route')).not.toMatch(/vxlan\.calico|10\.244\./);
      }
    });
  },
);
