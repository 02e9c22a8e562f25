import { base64 } from '../../shared/bytes/text.ts';

/** How the plugin reaches the API server. */
export interface Credentials {
  readonly server: string;
  /** PEM text of the server's authority; '' for the node's own. */
  readonly ca: string;
  readonly insecure: boolean;
  readonly token: string;
}

/** The kubeconfig for the network configuration. */
export function kubeconfig({ server, ca, insecure, token }: Credentials): string {
  const trust = insecure
    ? ['    insecure-skip-tls-verify: true']
    : ca === ''
      ? []
      : [`    certificate-authority-data: "${base64(ca)}"`];
  const lines = [
    '# For the CNI plugin; written by calico-install, its token is renewed by calico-install --watch, or calico/node.',
    'apiVersion: v1',
    'kind: Config',
    'clusters:',
    '- name: local',
    '  cluster:',
    `    server: ${server}`,
    ...trust,
    'users:',
    '- name: calico',
    '  user:',
    `    token: "${token}"`,
    'contexts:',
    '- name: calico-context',
    '  context:',
    '    cluster: local',
    '    user: calico',
    'current-context: calico-context',
  ];
  return `${lines.join('\n')}\n`;
}
