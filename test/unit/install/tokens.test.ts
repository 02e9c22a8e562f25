import { describe, expect, test } from 'vitest';
import { kubeconfig } from '../../../ctl/install/kubeconfig.ts';
import { fillIn, tokens } from '../../../ctl/install/tokens.ts';

const KNOWN = { hostname: 'worker1', netFolder: '/etc/cni/net.d', certificates: [], serviceAccountToken: '' };
const filled = (template: string, env: Record<string, string> = {}, known = {}) =>
  fillIn(template, tokens(env, { ...KNOWN, ...known }));

describe('tokens', () => {
  test.each([
    ['__LOG_LEVEL__', 'info'],
    ['__LOG_FILE_PATH__', '/var/log/calico/cni/cni.log'],
    ['__LOG_FILE_MAX_SIZE__ __LOG_FILE_MAX_AGE__ __LOG_FILE_MAX_COUNT__', '100 30 10'],
    ['__DATASTORE_TYPE__', 'kubernetes'],
    ['__KUBERNETES_NODE_NAME__', 'worker1'],
    ['__KUBECONFIG_FILEPATH__', '/etc/cni/net.d/calico-kubeconfig'],
    ['__CNI_MTU__ __REQUIRE_MTU_FILE__', '1500 false'],
    ['__CALICO_API_GROUP__', 'crd.projectcalico.org/v1'],
    ['<__ETCD_ENDPOINTS____ETCD_DISCOVERY_SRV____ETCD_CERT_FILE__>', '<>'],
    ['__NO_TOKEN__ __lower__', '__NO_TOKEN__ __lower__'],
  ])('%s is %s if the environment does not set it', (template, text) => {
    expect(filled(template)).toBe(text);
  });

  test.each(['LOG_LEVEL', 'DATASTORE_TYPE', 'KUBERNETES_NODE_NAME', 'CNI_MTU', 'ETCD_ENDPOINTS', 'REQUIRE_MTU_FILE'])(
    '__%s__ is the variable of that name, literally',
    (name) => {
      expect(filled(`<__${name}__>`, { [name]: '$& $1' })).toBe('<$& $1>');
    },
  );

  test('existing certificates are named by their path on the node', () => {
    const known = { certificates: ['etcd-ca', 'etcd-key'] };
    expect(filled('__ETCD_CA_CERT_FILE__,__ETCD_CERT_FILE__,__ETCD_KEY_FILE__', {}, known)).toBe(
      '/etc/cni/net.d/calico-tls/etcd-ca,,/etc/cni/net.d/calico-tls/etcd-key',
    );
  });

  test('if etcd is named, it is the datastore', () => {
    expect(filled('__DATASTORE_TYPE__', { ETCD_ENDPOINTS: 'http://a' })).toBe('etcdv3');
    expect(filled('__DATASTORE_TYPE__', { ETCD_DISCOVERY_SRV: 'example.org' })).toBe('etcdv3');
  });
});

test('the kubeconfig trusts the cluster’s authority, or skips verification if so configured', () => {
  const given = { server: 'https://[fd00::1]:443', ca: 'PEM', insecure: false, token: 'abc' };
  expect(kubeconfig(given)).toContain(
    '    server: https://[fd00::1]:443\n    certificate-authority-data: "UEVN"\nusers:',
  );
  expect(kubeconfig({ ...given, insecure: true })).toContain(':443\n    insecure-skip-tls-verify: true\nusers:');
});
