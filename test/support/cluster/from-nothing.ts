import type { Transcript } from '../../../build/transcript.ts';
import { POD_IMAGE } from './cluster.ts';
import { POD_NETWORK } from './control-plane.ts';

/** What the API server answers at, for pods: the first address of the services' network. */
const SERVICE = 'https://10.101.0.1/version';
const WAIT = '--timeout=120s';

/** A pod that serves a page and can run commands. */
const podCommand = (name: string): string =>
  `kubectl run ${name} --image=${POD_IMAGE} --image-pull-policy=Never --command -- /bin/httpd -f -p 80 -h /www`;

type Where = 'kubernetes' | 'etcd';

/** Where etcd listens, for pods on the node's network too. */
const ETCD = 'http://127.0.0.1:2379';

/** From a cluster without network to pods that reach each other, and back; the commands are those of README. */
export async function fromNothing(shell: Transcript, where: Where): Promise<void> {
  const before = await lookAtNode(shell);
  shell.title('The image, on every node');
  await shell.run('ctr -n k8s.io images import calico-cni-image.tar');
  if (where === 'kubernetes') await installKinds(shell);
  await install(shell, where);
  await usePods(shell, where);
  await uninstall(shell, where);
  const after = await nodeFiles(shell);
  if (after !== before) throw new Error(`The node is not as it was:\n${before}\n--- is now\n${after}`);
}

const nodeFiles = (shell: Transcript): Promise<string> => shell.run('ls -A /opt/cni/bin /etc/cni/net.d');

async function lookAtNode(shell: Transcript): Promise<string> {
  shell.title('A node without a network plugin is not ready');
  await expectIn(shell, `kubectl wait --for=condition=Ready=False node --all ${WAIT} && kubectl get nodes`, 'NotReady');
  return nodeFiles(shell);
}

async function installKinds(shell: Transcript): Promise<void> {
  shell.title('The kinds first: kubectl knows them only afterwards');
  await shell.run('calico-install manifest --crds only | kubectl apply -f -');
  await shell.run(`kubectl wait --for=condition=Established crd --all ${WAIT}`);
}

async function install(shell: Transcript, where: Where): Promise<void> {
  shell.title('The rest: the node becomes ready');
  const data = where === 'etcd' ? `--datastore etcd --etcd-endpoints ${ETCD}` : '--crds none';
  await shell.run(`calico-install manifest ${data} --pool ${POD_NETWORK} > calico.yaml`);
  await shell.run('kubectl apply -f calico.yaml');
  await shell.run(`kubectl -n kube-system rollout status daemonset/calico-cni ${WAIT}`);
  await shell.run(`kubectl wait --for=condition=Ready node --all ${WAIT}`);
  await shell.run('kubectl get nodes');
  const again = await shell.run('kubectl apply -f calico.yaml');
  if (/ (?:created|configured)$/m.test(again)) throw new Error(`Applied again, it changes something:\n${again}`);
}

async function usePods(shell: Transcript, where: Where): Promise<void> {
  const calicoctl = where === 'etcd' ? `DATASTORE_TYPE=etcdv3 ETCD_ENDPOINTS=${ETCD} calicoctl` : 'calicoctl';
  shell.title('Pods get addresses, and reach each other');
  for (const name of ['one', 'other']) await shell.run(podCommand(name));
  await shell.run(`kubectl wait --for=condition=Ready pod/one pod/other ${WAIT}`);
  await shell.run('kubectl get pods -o wide');
  const address = await shell.run("kubectl get pod other -o jsonpath='{.status.podIP}'");
  await shell.run(`kubectl exec one -- ping -c 2 ${address}`);
  await expectIn(shell, `kubectl exec one -- wget -qO- http://${address}/`, 'hello');
  shell.title('They reach the API server by its service address');
  await expectIn(shell, `kubectl exec one -- wget -qO- --no-check-certificate ${SERVICE}`, 'gitVersion');
  shell.title('What Calico’s data says');
  await shell.run(`${calicoctl} ipam show --show-blocks`);
  await shell.run(`${calicoctl} get workloadendpoints -A`);
  shell.title('Deleted, they leave nothing');
  await shell.run(`kubectl delete pod one other --grace-period=1 ${WAIT}`);
  await shell.run(`${calicoctl} ipam check`);
  const links = await shell.run('ip -br link');
  if (/\bcali/.test(links)) throw new Error('An interface is left on the node');
}

async function uninstall(shell: Transcript, where: Where): Promise<void> {
  shell.title('Removing it: first what installs, then what was installed, then the data');
  await shell.run(`kubectl -n kube-system delete daemonset calico-cni ${WAIT}`);
  await shell.run(`kubectl -n kube-system wait --for=delete pod -l k8s-app=calico-cni ${WAIT}`);
  await shell.run('/opt/cni/bin/calico-install --uninstall');
  await shell.run('kubectl delete -f calico.yaml --ignore-not-found');
  if (where === 'kubernetes') await shell.run('calico-install manifest --crds only | kubectl delete -f -');
}

async function expectIn(shell: Transcript, command: string, wanted: string): Promise<void> {
  const said = await shell.run(command);
  if (!said.includes(wanted)) throw new Error(`${command}: no ${JSON.stringify(wanted)} in ${said}`);
}
