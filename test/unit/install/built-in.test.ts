import { describe, expect, test } from 'vitest';
import type { Survey } from '../../../ctl/install/findings.ts';
import type { InstallRequest } from '../../../ctl/install/request.ts';
import { CONTAINER, plan, textFile } from './here.ts';

const CONF = '/etc/cni/net.d/10-calico.conflist';
const PLACE = 'net/10-calico.conflist';
const CREDENTIALS = { server: 'https://a', ca: '', insecure: false, token: 'abc' };
const ETCD = { ETCD_ENDPOINTS: 'http://10.0.0.1:2379' };

/** The text that a plan writes; undefined when it keeps the existing file. */
function written(survey: Partial<Survey> = {}, request: Partial<InstallRequest> = {}): string | undefined {
  const found = plan(survey, request).steps.find(({ path }) => path.endsWith('/10-calico.conflist'));
  return found?.do === 'write' ? found.text : undefined;
}
const list = (...given: Parameters<typeof written>) => JSON.parse(written(...given) ?? 'null');

describe('the built-in list', () => {
  test('without Kubernetes contains nothing that needs it, and leaves the node’s name to its file', () => {
    expect(list()).toEqual({
      name: 'calico',
      cniVersion: '1.0.0',
      cniVersions: ['1.0.0', '1.1.0'],
      plugins: [
        {
          type: 'calico',
          log_level: 'info',
          log_file_path: '/var/log/calico/cni/cni.log',
          datastore_type: 'etcdv3',
          etcd_endpoints: 'http://10.0.0.1:2379',
          nodename_file_optional: true,
          ipam: { type: 'calico-ipam' },
        },
      ],
    });
  });

  test('contains the values of the environment', () => {
    const env = { ...ETCD, CNI_MTU: '1400', LOG_LEVEL: 'debug', KUBERNETES_NODE_NAME: 'n1', REQUIRE_MTU_FILE: 'true' };
    expect(list({}, { env }).plugins[0]).toMatchObject({
      mtu: 1400,
      log_level: 'debug',
      nodename: 'n1',
      require_mtu_file: true,
    });
    expect(() => written({}, { env: { ...env, CNI_MTU: '1400 ' } })).toThrow('NetConf.mtu of type int');
  });

  test('chains portmap if it exists, at the versions that it supports', () => {
    const portmap = { type: 'portmap', snat: true, capabilities: { portMappings: true } };
    expect(list({ portmap: ['1.0.0', '1.1.0'] })).toMatchObject({
      cniVersions: ['1.0.0', '1.1.0'],
      plugins: [{ type: 'calico' }, portmap],
    });
    const old = list({ portmap: ['0.4.0', '1.0.0'] });
    expect(old).toMatchObject({ cniVersion: '1.0.0', plugins: [{ type: 'calico' }, portmap] });
    expect(old).not.toHaveProperty('cniVersions');
    expect(plan({ portmap: ['0.4.0', '1.0.0'] }).notes.join()).toContain(
      'portmap here speaks CNI 1.0.0, so the list is of 1.0.0',
    );
  });

  test.each([
    ['a service account', {}, { credentials: CREDENTIALS }],
    ['a kubeconfig of an earlier one', { net: [textFile('/etc/cni/net.d/calico-kubeconfig', 'x')] }, {}],
  ])('with %s is the original’s', (_, survey, request) => {
    expect(list({ ...survey, portmap: ['1.0.0'] }, request)).toMatchObject({
      name: 'k8s-pod-network',
      cniVersion: '1.0.0',
      plugins: [
        { policy: { type: 'k8s' }, kubernetes: { kubeconfig: '/etc/cni/net.d/calico-kubeconfig' }, mtu: 1500 },
        { type: 'portmap' },
      ],
    });
    expect(written(survey, request)).not.toContain('portmap');
    expect(plan(survey, request).notes).toContain('the plugin portmap is not here, so a pod’s hostPort has no effect');
  });

  describe('for the Kubernetes datastore', () => {
    const here = { credentials: CREDENTIALS, env: { KUBERNETES_NODE_NAME: 'node1' } };

    test('is the original’s, and needs no file with the node’s name', () => {
      expect(list({ portmap: ['1.0.0'] }, here)).toEqual({
        name: 'k8s-pod-network',
        cniVersion: '1.0.0',
        plugins: [
          {
            type: 'calico',
            log_level: 'info',
            log_file_path: '/var/log/calico/cni/cni.log',
            datastore_type: 'kubernetes',
            calico_api_group: 'crd.projectcalico.org/v1',
            nodename: 'node1',
            nodename_file_optional: true,
            mtu: 1500,
            ipam: { type: 'calico-ipam' },
            policy: { type: 'k8s' },
            kubernetes: { kubeconfig: '/etc/cni/net.d/calico-kubeconfig' },
            require_mtu_file: false,
          },
          { type: 'portmap', snat: true, capabilities: { portMappings: true } },
        ],
      });
    });

    test.each([
      ['with a service account and nothing that names etcd', {}, here],
      [
        'with a kubeconfig of an earlier one',
        { net: [textFile('/etc/cni/net.d/calico-kubeconfig', 'x')] },
        { env: {} },
      ],
      ['when the environment says so', {}, { ...here, env: { ...ETCD, DATASTORE_TYPE: 'kubernetes' } }],
    ])('is written %s', (_, survey, request) => {
      expect(list(survey, request).plugins).toMatchObject([{ datastore_type: 'kubernetes' }]);
    });

    test('is refused without a kubeconfig', () => {
      expect(() => written({}, { env: { DATASTORE_TYPE: 'kubernetes' } })).toThrow(
        'kubernetes.kubeconfig: /etc/cni/net.d/calico-kubeconfig is not there',
      );
      const image = { settings: CONTAINER, env: { DATASTORE_TYPE: 'kubernetes' } };
      const executables = [{ path: '/host/opt/cni/bin', state: 'writable', files: [] }] as const;
      expect(() => written({ executables }, image)).toThrow('calico-kubeconfig is not there');
    });
  });
});

describe('an existing built-in list', () => {
  const first = (...given: Parameters<typeof written>): Partial<Survey> => {
    const net = [textFile(CONF, written(...given) ?? '')];
    return { net, record: { [PLACE]: [net[0]?.sha256 ?? '', `built-in:${net[0]?.sha256}`] } };
  };

  test('stays when it would be the same', () => {
    expect(written(first())).toBeUndefined();
    expect(written(first(), { env: {} })).toBeUndefined();
    expect(written(first({ portmap: ['1.1.0'] }))).toBeDefined();
  });

  test('is replaced when the environment or the node changes, and keeps values that the environment does not set', () => {
    const before = first({}, { env: { ...ETCD, CNI_MTU: '1400', KUBERNETES_NODE_NAME: 'n1' } });
    expect(list(before, { env: { ETCD_DISCOVERY_SRV: 'example.org' } })).toMatchObject({
      name: 'calico',
      plugins: [{ etcd_discovery_srv: 'example.org', mtu: 1400, nodename: 'n1' }],
    });
    expect(written(before, { env: { ETCD_DISCOVERY_SRV: 'example.org' } })).not.toContain('etcd_endpoints');
    expect(list({ ...before, portmap: ['1.1.0'] }, { env: {} }).plugins).toMatchObject([
      { etcd_endpoints: ETCD.ETCD_ENDPOINTS, mtu: 1400 },
      { type: 'portmap' },
    ]);
  });

  test('keeps its datastore, until the environment names etcd', () => {
    const env = { KUBERNETES_NODE_NAME: 'n1', CALICO_API_GROUP: 'projectcalico.org/v3' };
    const kubeconfig = textFile('/etc/cni/net.d/calico-kubeconfig', 'x');
    const { net = [], record = {} } = first({}, { credentials: CREDENTIALS, env });
    const before = { net: [...net, kubeconfig], record };
    expect(written(before, { env: {} })).toBeUndefined();
    expect(list(before, { env: { CNI_MTU: '1400' } }).plugins).toMatchObject([
      { datastore_type: 'kubernetes', calico_api_group: 'projectcalico.org/v3', nodename: 'n1', mtu: 1400 },
    ]);
    expect(list(before, { env: ETCD }).plugins).toMatchObject([{ datastore_type: 'etcdv3', nodename: 'n1' }]);
  });

  test('keeps its name when Kubernetes is added: containers have addresses under it', () => {
    expect(list(first(), { credentials: CREDENTIALS })).toMatchObject({
      name: 'calico',
      plugins: [{ policy: { type: 'k8s' } }],
    });
  });

  test('stays when it was changed, or came from a template', () => {
    const { net = [], record = {} } = first();
    const changed = [textFile(CONF, `${net[0]?.text}\n`)];
    expect(written({ net: changed, record }, { env: { ETCD_ENDPOINTS: 'http://b:1' } })).toBeUndefined();
    const unmarked = { [PLACE]: [net[0]?.sha256 ?? ''] };
    expect(written({ net, record: unmarked }, { env: { ETCD_ENDPOINTS: 'http://b:1' } })).toBeUndefined();
  });

  test('is always renewed by a container', () => {
    const net = [textFile('/host/etc/cni/net.d/10-calico.conflist', '{}')];
    const executables = [{ path: '/host/opt/cni/bin', state: 'writable', files: [] }] as const;
    expect(list({ net, executables }, { settings: CONTAINER })).toMatchObject({ name: 'calico' });
  });
});

describe('the built-in list of versions whose records did not mark it', () => {
  const text = written({ portmap: ['1.0.0'] }, { credentials: CREDENTIALS }) ?? '';
  const net = [textFile(CONF, text)];
  const record = { [PLACE]: [net[0]?.sha256 ?? ''] };

  test('is replaced if its kubeconfig is missing, keeps its name, and does not need the endpoints of etcd', () => {
    expect(list({ net, record }, { env: {} })).toMatchObject({
      name: 'k8s-pod-network',
      plugins: [{ etcd_endpoints: ETCD.ETCD_ENDPOINTS, mtu: 1500 }],
    });
    expect(written({ net, record }, { env: {} })).not.toMatch(/policy|kubeconfig|portmap|nodename"/);
  });

  test('stays if its kubeconfig exists, or it has been changed', () => {
    const kubeconfig = textFile('/etc/cni/net.d/calico-kubeconfig', 'x');
    expect(written({ net: [...net, kubeconfig], record })).toBeUndefined();
    expect(written({ net, record: {} })).toBeUndefined();
    const other = textFile(CONF, text.replace('"mtu"', '"num_queues"'));
    expect(written({ net: [other], record: { [PLACE]: [other.sha256] } })).toBeUndefined();
  });
});
