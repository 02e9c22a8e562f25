import type { Kubernetes } from '../kubernetes/api-server.ts';

const RBAC = '/apis/rbac.authorization.k8s.io/v1';
const ACCOUNTS = '/api/v1/namespaces/kube-system/serviceaccounts';
/** The account that installs, and its right to request tokens for the plugin's. */
const INSTALLER = 'calico-node';
export const INSTALLERS_BINDING = `${RBAC}/clusterrolebindings/${INSTALLER}-account`;

/** Two service accounts: the installer's, which may request tokens, and the plugin's with its usual role. */
export async function createAccounts({ create }: Kubernetes): Promise<void> {
  for (const name of [INSTALLER, 'calico-cni-plugin']) await create(ACCOUNTS, { metadata: { name } });
  const rules = [
    {
      apiGroups: [''],
      resources: ['serviceaccounts/token'],
      resourceNames: ['calico-cni-plugin', 'nobody'],
      verbs: ['create'],
    },
  ];
  await create(`${RBAC}/clusterroles`, { metadata: { name: 'calico-install' }, rules });
  await bind({ create }, 'calico-install', INSTALLER);
  await bind({ create }, 'calico-cni-plugin', 'calico-cni-plugin');
}

/** Gives an account the rights of a role. */
export async function bind({ create }: Pick<Kubernetes, 'create'>, role: string, account: string): Promise<void> {
  await create(`${RBAC}/clusterrolebindings`, {
    metadata: { name: `${account}-account` },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role },
    subjects: [{ kind: 'ServiceAccount', name: account, namespace: 'kube-system' }],
  });
}

/** Deletes an account, with which its tokens end, and makes it anew. */
export async function recreateAccount({ ask, create }: Kubernetes, name: string): Promise<void> {
  await ask('DELETE', `${ACCOUNTS}/${name}`);
  await create(ACCOUNTS, { metadata: { name } });
}

/** The token that kubelet would mount into a pod of this account. */
export async function tokenOf({ ask }: Kubernetes, name: string): Promise<string> {
  const { body } = await ask('POST', `${ACCOUNTS}/${name}/token`, {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    spec: {},
  });
  return (body['status'] as { readonly token: string }).token;
}

/** What the token in a kubeconfig says: whose it is, and from when to when it holds. */
export interface TokenClaims {
  readonly sub: string;
  readonly iat: number;
  readonly exp: number;
}

export function claimsOf(kubeconfig: string): TokenClaims {
  const [, payload = ''] = /token: "[^.]+\.([^.]+)\./.exec(kubeconfig) ?? [];
  return JSON.parse(Buffer.from(payload, 'base64url').toString());
}
