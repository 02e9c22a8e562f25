/** Fuzzers of the Kubernetes side: the kubeconfig, and the API server's answers about pod and namespace. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { podContent } from '../../plugins/kubernetes/pod-content.ts';
import { readNetConf } from '../../shared/cni/netconf-read.ts';
import { Failure } from '../../shared/error/failure.ts';
import { readApiConfig } from '../../shared/kubernetes/configuration.ts';
import { readNamespace, readPod } from '../../shared/kubernetes/objects.ts';
import { judgeStore } from './calls.ts';
import { CONF, cluster, environment } from './cluster.ts';
import type { Draw } from './draw.ts';
import { brokenText, hostileJson, hostileText } from './hostile.ts';
import { servedCall } from './judge.ts';
import { requireOwnWords } from './own-words.ts';
import { answered } from './texts.ts';

const SECRET = 's3cret-token-of-a-kubeconfig';
const CONFIG = {
  apiVersion: 'v1',
  kind: 'Config',
  'current-context': 'c',
  contexts: [{ name: 'c', context: { cluster: 'k', user: 'u' } }],
  clusters: [
    {
      name: 'k',
      cluster: {
        server: 'https://10.0.0.1:6443',
        'certificate-authority-data': 'YQ==',
        'tls-server-name': 'x',
        'insecure-skip-tls-verify': false,
      },
    },
  ],
  users: [
    {
      name: 'u',
      user: {
        token: SECRET,
        username: 'a',
        password: SECRET,
        exec: {
          command: './get',
          args: ['a'],
          env: [{ name: 'A', value: 'b' }],
          apiVersion: 'client.authentication.k8s.io/v1',
        },
      },
    },
  ],
};

const YAML = `apiVersion: v1
kind: Config
current-context: c
contexts:
- name: c
  context:
    cluster: k
    user: u
clusters:
- name: k
  cluster:
    server: https://10.0.0.1:6443
    certificate-authority: ca.pem
users:
- name: u
  user:
    token: ${SECRET}
`;

/** Nine aliases of nine aliases of … : a gigabyte when expanded. */
const BOMB = `a: &a [x,x,x,x,x,x,x,x,x]\n${[...'bcdefghi'].map((key, at) => `${key}: &${key} [${Array(9).fill(`*${'abcdefgh'[at]}`).join()}]\n`).join('')}`;
const PIECES = [
  '&x ',
  '*x',
  '!!binary ',
  '!!js/function ',
  '? ',
  '<<: *x',
  '|',
  '>-',
  '%YAML 1.2',
  '---\n',
  '...\n',
  '\t',
  '{a: ',
  '[',
  '"',
  '- - - ',
  BOMB,
] as const;

export async function kubeconfig(draw: Draw): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'calico-fuzz-'));
  try {
    await readHostile(draw, join(folder, 'kubeconfig'));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function readHostile(draw: Draw, file: string): Promise<void> {
  const text = draw.once(2) ? hostileJson(draw, CONFIG) : hostileYaml(draw);
  writeFileSync(file, text);
  const conf = { kubernetes: { kubeconfig: file, k8sApiRoot: '', nodeName: '' }, policy: readNetConf('{}').policy };
  try {
    await readApiConfig(conf, {});
  } catch (thrown) {
    if (!(thrown instanceof Failure) || thrown.message === '') throw thrown;
    const said = `${thrown.message} ${thrown.details}`;
    requireOwnWords(said);
    if (said.includes(SECRET)) throw new Error(`the token is leaked: ${said}`);
    if (said.length > 1_000 + 4 * text.length) throw new Error(`an error of ${said.length} characters`);
  }
}

function hostileYaml(draw: Draw): string {
  let text = YAML;
  for (let change = draw.below(3); change >= 0; change--) {
    const at = draw.below(text.length);
    if (draw.once(2)) text = brokenText(draw, text);
    else text = text.slice(0, at) + draw.pick(PIECES) + text.slice(at);
  }
  return draw.once(200) ? BOMB + text : text;
}

const POD = {
  kind: 'Pod',
  metadata: {
    name: 'web-0',
    generateName: 'web-',
    labels: { app: 'web', 'a/b': 'c' },
    annotations: {
      'cni.projectcalico.org/ipAddrs': '["10.0.0.2"]',
      'cni.projectcalico.org/ipv4pools': '["four"]',
      'cni.projectcalico.org/hwAddr': '02:00:00:00:00:11',
      'cni.projectcalico.org/floatingIPs': '["192.168.0.1"]',
      'cni.projectcalico.org/allowedSourcePrefixes': '["8.8.8.8/32"]',
      'qos.projectcalico.org/ingressBandwidth': '1M',
      'kubernetes.io/egress-bandwidth': '10M',
    },
  },
  spec: {
    serviceAccountName: 'sa',
    containers: [
      { name: 'a', ports: [{ name: 'http', containerPort: 80, hostPort: 8080, hostIP: '127.0.0.1', protocol: 'TCP' }] },
    ],
  },
};
const NAMESPACE = {
  metadata: { name: 'prod', labels: { a: 'b' }, annotations: { 'cni.projectcalico.org/ipv6pools': '["six"]' } },
};
const ANNOTATIONS = Object.keys(POD.metadata.annotations) as [string, ...string[]];

/** An ADD of a pod whose labels, annotations, ports or namespace are hostile. */
export async function pod(draw: Draw): Promise<void> {
  const metadata = {
    ...POD.metadata,
    annotations: { ...POD.metadata.annotations, [draw.pick(ANNOTATIONS)]: annotation(draw) },
  };
  const text = {
    pod: draw.once(2) ? JSON.stringify({ ...POD, metadata }) : hostileJson(draw, POD),
    namespace: draw.once(3) ? hostileJson(draw, NAMESPACE) : JSON.stringify(NAMESPACE),
  };
  const conf = { ...CONF, policy: { type: 'k8s' }, feature_control: { floating_ips: true, ip_addrs_no_ipam: true } };
  const content = answered(() =>
    podContent(
      readNetConf(JSON.stringify(conf)),
      { namespace: 'prod', pod: 'web-0' },
      readPod(json(text.pod)),
      readNamespace(json(text.namespace)),
    ),
  );
  if (content === undefined) return;
  const env = { ...environment('ADD', 'c9'), CNI_ARGS: 'IgnoreUnknown=1;K8S_POD_NAMESPACE=prod;K8S_POD_NAME=web-0' };
  judgeStore(await servedCall(env, JSON.stringify(conf), await cluster(), content));
}

const annotation = (draw: Draw): string => (draw.once(2) ? hostileJson(draw, ['10.0.0.2']) : hostileText(draw));

/** JSON.parse reads the API's answers. What it rejects is not tested here. */
function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}
