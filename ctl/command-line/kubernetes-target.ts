import type { KubernetesTarget } from '../../shared/call/open-kubernetes.ts';
import type { NetConf } from '../../shared/cni/netconf.ts';
import { settingsOf } from '../../shared/cni/setting.ts';

type Environment = Readonly<Record<string, string | undefined>>;

const NO_POLICY: NetConf['policy'] = {
  type: '',
  k8sApiRoot: '',
  k8sAuthToken: '',
  k8sClientCertificate: '',
  k8sClientKey: '',
  k8sCertificateAuthority: '',
};
const NOTHING: KubernetesTarget['conf'] = {
  kubernetes: { kubeconfig: '', k8sApiRoot: '', nodeName: '' },
  policy: NO_POLICY,
  calicoApiGroup: '',
};
/** No node of our own, and endpoints as Calico’s tools show them. */
const OURS = { node: '', endpoints: 'shown' } as const;

/** The API server that the environment names. */
export const targetInEnvironment = (env: Environment): KubernetesTarget => ({ conf: NOTHING, env, ...OURS });

/** Fields of a CalicoAPIConfig, with the variables that they stand for. */
const VARIABLES: Readonly<Record<string, string>> = {
  kubeconfig: 'KUBECONFIG',
  k8sAPIEndpoint: 'K8S_API_ENDPOINT',
  k8sKeyFile: 'K8S_KEY_FILE',
  k8sCertFile: 'K8S_CERT_FILE',
  k8sCAFile: 'K8S_CA_FILE',
  k8sAPIToken: 'CALICO_K8SAPITOKEN',
  k8sInsecureSkipTLSVerify: 'K8S_INSECURE_SKIP_TLS_VERIFY',
  k8sCurrentContext: 'K8S_CURRENT_CONTEXT',
  calicoAPIGroup: 'CALICO_API_GROUP',
  usePodCIDR: 'USE_POD_CIDR',
};

/** Where the process runs, which no file says. */
const SURROUNDINGS = /^(?:HOME|PATH|SSL_CERT_FILE|KUBERNETES_(?:SERVICE_HOST|SERVICE_PORT|MASTER))$/;

/** The API server that the fields of a CalicoAPIConfig name; Calico's own variables are ignored. */
export function targetInFile(settings: Readonly<Record<string, string>>, env: Environment): KubernetesTarget {
  const around = Object.entries(env).filter(([name]) => SURROUNDINGS.test(name));
  const said = Object.entries(VARIABLES).map(([field, variable]) => [variable, settings[field] ?? ''] as const);
  const inline = settings['kubeconfigInline'] ?? '';
  const own = Object.fromEntries([...around, ...said.filter(([, value]) => value !== '')]);
  return { ...targetInEnvironment(own), ...(inline === '' ? {} : { inline }) };
}

/** Which datastore settings name: without a type etcd when there are endpoints for it, else Kubernetes (as Calico). */
export const typeIn = (env: Environment): string =>
  settingsOf(env)('DATASTORE_TYPE') ||
  typeFor(settingsOf(env)('ETCD_ENDPOINTS') + settingsOf(env)('ETCD_DISCOVERY_SRV'));

export const typeFor = (endpoints: string): 'etcdv3' | 'kubernetes' => (endpoints === '' ? 'kubernetes' : 'etcdv3');
