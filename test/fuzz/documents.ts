/** Fuzzers of operators' input: calicoctl's config file, and resources as YAML or JSON. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checked, encode } from '../../ctl/change/stored.ts';
import { readConfig } from '../../ctl/command-line/config.ts';
import { placed } from '../../ctl/commands/place.ts';
import { resourcesOf } from '../../ctl/documents/documents.ts';
import { formatYaml, parseDocuments } from '../../ctl/text/yaml.ts';
import { Failure } from '../../shared/error/failure.ts';
import { membersOf, replacedAt } from '../support/inputs/json-paths.ts';
import type { Draw } from './draw.ts';
import { brokenText, hostileJson } from './hostile.ts';
import { requireOwnWords } from './own-words.ts';

const CONFIG = {
  apiVersion: 'projectcalico.org/v3',
  kind: 'CalicoAPIConfig',
  metadata: { name: 'x' },
  spec: {
    datastoreType: 'etcdv3',
    etcdEndpoints: 'http://a:1,http://b:2',
    etcdUsername: 'u',
    etcdPassword: 'p',
    etcdKeyFile: '',
    etcdCertFile: '',
    etcdCACertFile: '',
    etcdDiscoverySrv: '',
    etcdKey: '',
    etcdCert: '',
    etcdCACert: '',
    kubeconfig: '',
    k8sAPIEndpoint: '',
  },
};

export function calicoctlFile(draw: Draw): void {
  const folder = mkdtempSync(join(tmpdir(), 'calico-fuzz-'));
  const file = join(folder, 'calicoctl.cfg');
  try {
    writeFileSync(file, written(draw, CONFIG));
    inWords(() => void readConfig(file, {}));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const HEAD = {
  apiVersion: 'projectcalico.org/v3',
  metadata: { name: 'x', namespace: '', labels: { a: 'b' }, annotations: {} },
};
const DOCUMENTS: readonly [unknown, ...unknown[]] = [
  {
    ...HEAD,
    kind: 'IPPool',
    spec: { cidr: '10.0.0.0/16', blockSize: 26, allowedUses: ['Workload'], nodeSelector: 'all()', disabled: false },
  },
  { ...HEAD, kind: 'IPReservation', spec: { reservedCIDRs: ['10.0.0.1/32'] } },
  {
    ...HEAD,
    kind: 'Node',
    spec: { bgp: { ipv4Address: '10.0.0.1/24', asNumber: 64512 }, orchRefs: [{ nodeName: 'x', orchestrator: 'k8s' }] },
  },
  {
    ...HEAD,
    kind: 'NetworkPolicy',
    spec: { selector: 'all()', ingress: [{ action: 'Allow', source: { nets: ['10.0.0.0/8'] } }], types: ['Ingress'] },
  },
  { ...HEAD, kind: 'FelixConfiguration', spec: { logSeverityScreen: 'Info', bpfEnabled: true } },
  {
    apiVersion: 'projectcalico.org/v3',
    kind: 'IPPoolList',
    metadata: {},
    items: [{ ...HEAD, spec: { cidr: '10.0.0.0/16' } }],
  },
  {
    apiVersion: 'v1',
    kind: 'ipPool',
    metadata: { cidr: '10.1.0.0/16' },
    spec: { ipip: { enabled: true, mode: 'cross-subnet' } },
  },
];

/** A document is stored and printed, or rejected with a readable error. */
export function documents(draw: Draw): void {
  const text = written(draw, draw.pick(DOCUMENTS));
  inWords(() => {
    for (const { kind, resource } of resourcesOf(parseDocuments('standard input', text))) {
      placed(kind, resource.metadata, { namespace: undefined, everywhere: false });
      encode(kind, checked(kind, resource, undefined));
      formatYaml(resource);
    }
  });
}

/** JSON or YAML with null, nothing or something else in it, valid or damaged. */
function written(draw: Draw, value: unknown): string {
  if (draw.once(2)) return hostileJson(draw, value);
  const members = membersOf(value);
  const path = members[draw.below(members.length)] ?? [];
  const changed = replacedAt(value, path, draw.pick([null, undefined, '', [], {}, [null], 0, true]));
  const text = formatYaml(changed);
  return draw.once(2) ? text : brokenText(draw, text);
}

function inWords(work: () => void): void {
  try {
    work();
  } catch (thrown) {
    if (!(thrown instanceof Failure) || thrown.message === '') throw thrown;
    requireOwnWords(`${thrown.message} ${thrown.details}`);
  }
}
