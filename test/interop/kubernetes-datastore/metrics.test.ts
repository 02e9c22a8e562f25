import { beforeEach, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { readFigures } from '../../support/calicoctl/exposition.ts';
import { writeKubeconfig } from '../../support/kubernetes/pods.ts';
import { type KubernetesBed, kddPod } from '../../support/kubernetes-datastore/bed.ts';
import { kubernetesCalicoctl, kubernetesSaid } from '../../support/kubernetes-datastore/calicoctl.ts';
import { inBothGroups, inOneGroup } from '../../support/kubernetes-datastore/cluster-of-tests.ts';

const POOL = { ippool: 'default-ipv4-ippool' };

inBothGroups('ipam metrics in a cluster with %s', (bed) => {
  beforeEach(() => bed.reset());

  const figures = async () => readFigures(await kubernetesSaid(bed, 'ipam metrics --grace=0'));

  async function used(): Promise<number> {
    const row = /IP Pool +\| 192\.168\.0\.0\/16 \| +\d+ \| (\d+) /.exec(await kubernetesSaid(bed, 'ipam show'));
    return Number(row?.[1]);
  }

  test('has the figures of ipam show and ipam check while pods come and go', async () => {
    const running = [];
    for (let count = 1; count <= 3; count++) {
      const container = await bed.container();
      const changes = kddPod(await bed.pod());
      await bed.add(container, changes);
      running.push({ container, changes });
      const now = await figures();
      expect(now.sum('ipam_allocations_in_use', POOL)).toBe(await used());
      expect(now.value('ipam_allocations_in_use', { ...POOL, node: 'node1' })).toBe(count);
      expect(now.sum('ipam_check_findings', { severity: 'fault' })).toBe(0);
    }
    const now = await figures();
    expect(now.value('ipam_allocations_in_use', { ...POOL, node: 'node2' })).toBe(0);
    expect(now.value('ipam_ippool_free_blocks', POOL)).toBe(1023);
    expect(now.value('ipam_datastore_up')).toBe(1);
    expect(now.sum('calico_cni_calls_total', { verb: 'ADD', code: '0' })).toBe(3);
    for (const { container, changes } of running) await bed.del(container, changes);
    expect((await figures()).sum('ipam_allocations_in_use')).toBe(await used());
    expect((await figures()).value('ipam_check_findings', { kind: 'leaked', severity: 'fault' })).toBe(0);
  });
});

interface Printed {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly rules?: readonly Rule[];
}
interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

const PLURAL: Readonly<Record<string, string>> = {
  ServiceAccount: 'serviceaccounts',
  ClusterRole: 'clusterroles',
  ClusterRoleBinding: 'clusterrolebindings',
  Deployment: 'deployments',
  DaemonSet: 'daemonsets',
  Service: 'services',
};

function pathOf({ apiVersion, kind, metadata: { namespace } }: Printed): string {
  const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  return `${root}${namespace === undefined ? '' : `/namespaces/${namespace}`}/${PLURAL[kind]}`;
}

inOneGroup('ipam metrics --kubernetes', (bed) => {
  beforeEach(() => bed.reset());

  const printed = async (options = ''): Promise<readonly Printed[]> =>
    parseAllDocuments(await kubernetesSaid(bed, `ipam metrics --kubernetes${options}`)).map((each) => each.toJS());

  async function applyAll(documents: readonly Printed[]): Promise<void> {
    for (const document of documents.filter(({ kind }) => kind !== 'ServiceMonitor')) {
      const path = pathOf(document);
      await bed.ask('DELETE', `${path}/${document.metadata.name}`);
      const { status, text } = await bed.ask('POST', `${path}?fieldValidation=Strict`, document);
      expect([document.kind, status, text]).toEqual([document.kind, 201, expect.any(String)]);
    }
  }

  test.each(['', ' --web-config-secret=metrics-web --image=registry.example/calico-cni:1.0'])(
    'prints what a real API server takes whole%s',
    async (options) => {
      const documents = await printed(options);
      expect(documents.map(({ kind }) => kind)).toEqual([
        'ServiceAccount',
        'ClusterRole',
        'ClusterRoleBinding',
        'Deployment',
        'DaemonSet',
        'Service',
        'ServiceMonitor',
      ]);
      await applyAll(documents);
    },
  );

  test('its rights are enough, and each is needed', async () => {
    const documents = await printed();
    await applyAll(documents);
    const path = '/api/v1/namespaces/kube-system/serviceaccounts/calico-metrics/token';
    const { body } = await bed.ask('POST', path, { spec: { expirationSeconds: 3600 } });
    const { token } = body['status'] as { readonly token: string };
    const container = await bed.container();
    await bed.add(container, kddPod(await bed.pod()));
    const ran = await asAccount(bed, token);
    expect([ran.exit, ran.stderr]).toEqual([0, '']);
    const now = readFigures(ran.stdout);
    expect(now.value('ipam_allocations_in_use', { ...POOL, node: 'node1' })).toBe(1);
    expect(now.sum('ipam_check_findings', { severity: 'fault' })).toBe(0);
    expect(now.value('ipam_check_timestamp_seconds')).toBeGreaterThan(0);

    const role = documents.find(({ kind }) => kind === 'ClusterRole');
    const path2 = '/apis/rbac.authorization.k8s.io/v1/clusterroles/calico-metrics';
    const rights = (role?.rules ?? []).flatMap(({ apiGroups, resources, verbs }) =>
      resources.flatMap((resource) => verbs.map((verb) => ({ group: apiGroups[0] ?? '', resource, verb }))),
    );
    // Those on virtual machines are asked for only where addresses are kept for some.
    for (const without of rights.filter(({ group }) => group !== 'kubevirt.io')) {
      const rules = rights
        .filter((right) => right !== without)
        .map(({ group, resource, verb }) => ({ apiGroups: [group], resources: [resource], verbs: [verb] }));
      const stored = (await bed.ask('GET', path2)).body;
      await bed.ask('PUT', path2, { ...stored, rules });
      await expect
        .poll(async () => (await asAccount(bed, token)).stderr, { timeout: 20_000 })
        .toMatch(new RegExp(`cannot (?:read the datastore|check the data): [^]*${without.resource}`));
    }
  });
});

function asAccount(bed: KubernetesBed, token: string) {
  const kubeconfig = '/run/calico-test/metrics-kubeconfig';
  writeKubeconfig(bed, bed.kubernetes, token, kubeconfig);
  const env = { DATASTORE_TYPE: 'kubernetes', KUBECONFIG: kubeconfig };
  return kubernetesCalicoctl(bed, 'ipam metrics --only=cluster', { env });
}
