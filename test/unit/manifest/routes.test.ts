import { describe, expect, test } from 'vitest';
import { ofKind, printing } from './printed.ts';

interface Container {
  readonly name: string;
  readonly command: readonly string[];
  readonly env: readonly { readonly name: string; readonly value?: string; readonly valueFrom?: object }[];
  readonly securityContext: object;
  readonly readinessProbe: { readonly exec: { readonly command: readonly string[] } };
  readonly volumeMounts: readonly { readonly mountPath: string }[];
}

function podOf(words: string) {
  const template = ofKind('DaemonSet', words)[0]?.spec?.['template'] as {
    readonly spec: {
      readonly containers: readonly Container[];
      readonly volumes: readonly { readonly name: string }[];
    };
  };
  const { containers, volumes } = template.spec;
  return {
    router: containers.find(({ name }) => name === 'calico-node-run'),
    volumes: volumes.map(({ name }) => name),
  };
}

const variables = (container: Container | undefined) =>
  Object.fromEntries((container?.env ?? []).map(({ name, value, valueFrom }) => [name, value ?? valueFrom]));

const rolesIn = (words: string) => ofKind('ClusterRole', words).map(({ metadata }) => metadata.name);

const POOL = '--pool 10.244.0.0/16';
const ETCD = '--datastore etcd --etcd-endpoints http://10.0.0.1:2379';

describe('routes between nodes', () => {
  test('are not made unless that is asked for', () => {
    expect(podOf(POOL).router).toBeUndefined();
    expect(podOf(POOL).volumes).not.toContain('calico-run');
    expect(rolesIn(POOL)).toEqual(['calico-cni-plugin']);
    expect(ofKind('IPPool', POOL)[0]?.spec).toMatchObject({ vxlanMode: 'Never' });
  });

  test('by VXLAN are made in a container beside the installer, with few rights', () => {
    const { router, volumes } = podOf(`--network vxlan ${POOL}`);
    expect(router).toMatchObject({
      command: ['/calicoctl', 'node', 'run'],
      securityContext: {
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'], add: ['NET_ADMIN', 'NET_RAW'] },
      },
      readinessProbe: { exec: { command: ['/calicoctl', 'node', 'run', '--ready'] } },
    });
    expect(variables(router)).toEqual({
      NODENAME: { fieldRef: { fieldPath: 'spec.nodeName' } },
      DATASTORE_TYPE: 'kubernetes',
      CALICO_NETWORKING_BACKEND: 'vxlan',
      IP: 'autodetect',
      NO_DEFAULT_POOLS: 'true',
    });
    expect(router?.volumeMounts.map(({ mountPath }) => mountPath)).toEqual(['/var/lib/calico', '/var/run/calico']);
    expect(volumes).toContain('calico-run');
    expect(rolesIn(`--network vxlan ${POOL}`)).toEqual(['calico-cni-plugin', 'calico-node-run']);
    expect(ofKind('IPPool', `--network vxlan ${POOL}`)[0]?.spec).toMatchObject({ vxlanMode: 'Always' });
    expect(ofKind('ConfigMap', `--network vxlan ${POOL}`)[0]?.data?.['calico_backend']).toBe('vxlan');
  });

  test('by BGP go through the BIRD of each node', () => {
    const { router, volumes } = podOf(`--network bgp ${POOL} --pool fd00:10::/64`);
    expect(router?.command.slice(3)).toEqual(['--bird-socket=/run/bird/bird.ctl', '--bird-config=/etc/bird/bird.conf']);
    expect(variables(router)).toMatchObject({ CALICO_NETWORKING_BACKEND: 'bird', IP6: 'autodetect' });
    expect(router?.securityContext).toMatchObject({ capabilities: { add: ['NET_ADMIN', 'NET_RAW', 'DAC_OVERRIDE'] } });
    expect(volumes).toEqual(expect.arrayContaining(['bird-config', 'bird-run']));
    expect(ofKind('IPPool', `--network bgp ${POOL}`)[0]?.spec).toMatchObject({ vxlanMode: 'Never' });
  });

  test('with etcd need no rights in Kubernetes, and its certificates', () => {
    const { router } = podOf(`--network vxlan ${ETCD} ${POOL}`);
    expect(Object.keys(variables(router))).toEqual(
      expect.arrayContaining(['ETCD_ENDPOINTS', 'ETCD_CA_CERT_FILE', 'ETCD_CERT_FILE', 'ETCD_KEY_FILE']),
    );
    expect(router?.volumeMounts.map(({ mountPath }) => mountPath)).toContain('/calico-secrets');
    expect(rolesIn(`--network vxlan ${ETCD} ${POOL}`)).toEqual(['calico-cni-plugin']);
  });

  test.each([
    ['--network ipip', '--network is "ipip"\n  give one of none, vxlan, bgp'],
    [
      `--network vxlan ${POOL} --encapsulation None`,
      '--pool 10.244.0.0/16: without encapsulation its routes need BGP\n  give --encapsulation VXLAN or VXLANCrossSubnet, or --network bgp',
    ],
  ])('%s is refused', (words, why) => {
    expect(printing(words)).toMatchObject({ status: 1, err: `calico-install manifest: ${why}\n` });
  });

  test.each(['VXLANCrossSubnet', 'IPIP', 'IPIPCrossSubnet'])('by VXLAN or the kernel’s IPIP: %s', (mode) => {
    expect(printing(`--network vxlan ${POOL} --encapsulation ${mode}`).status).toBe(0);
  });
});
