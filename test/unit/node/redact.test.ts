import { expect, test } from 'vitest';
import { redacted, without } from '../../../node/diags/redact.ts';

test.each([
  [
    'JSON',
    '{"etcd_password": "s3cret-Pass", "etcd_key_file": "/etc/k"}',
    '{"etcd_password": "(removed)", "etcd_key_file": "/etc/k"}',
  ],
  ['JSON in one line', '{"k8s_auth_token":"s3cret-Pass","mtu":1440}', '{"k8s_auth_token":"(removed)","mtu":1440}'],
  ['JSON with quotes in it', '{"password": "a\\"s3cret-Pass", "mtu": 1}', '{"password": "(removed)", "mtu": 1}'],
  ['JSON in JSON', '{"conf": "{\\"password\\": \\"s3cret-Pass\\"}"}', '{"conf": "{\\"password\\": \\"(removed)\\"}"}'],
  ['YAML', '  etcdPassword: s3cret-Pass and more', '  etcdPassword: (removed)'],
  ['YAML with quotes', "    token: 's3cret-Pass'", "    token: '(removed)'"],
  ['YAML in a list', '- token: s3cret-Pass', '- token: (removed)'],
  ['client keys of a kubeconfig', '    client-key-data: czNjcmV0LVBhc3M=', '    client-key-data: (removed)'],
  ['variables', 'ETCD_PASSWORD=s3cret-Pass', 'ETCD_PASSWORD=(removed)'],
  ['exported variables', 'export CALICO_K8S_TOKEN=s3cret-Pass', 'export CALICO_K8S_TOKEN=(removed)'],
  ['arguments', 'run --token=s3cret-Pass --name x', 'run --token=(removed) --name x'],
  ['arguments apart', 'run --password s3cret-Pass --name x', 'run --password (removed) --name x'],
  ['URLs', 'at https://root:s3cret-Pass@10.0.0.1:2379/x', 'at https://(removed)@10.0.0.1:2379/x'],
  ['queries of URLs', 'GET /x?access_token=s3cret-Pass&y=1', 'GET /x?access_token=(removed)&y=1'],
  ['BIRD', '  password "s3cret-Pass";', '  password "(removed)";'],
  ['headers', 'Authorization: Bearer s3cret-Pass', 'Authorization: (removed)'],
  ['headers in a log', 'sent "x" with bearer s3cret-Pass', 'sent "x" with bearer (removed)'],
  ['tokens by their form', 'failed: eyJhbGciOi.eyJpc3MiOi.s3cret-Pass', 'failed: (removed)'],
  ['keys by their form', `data ${'LS0tLS1CRUdJTiBSU0EgUFJJVkFURSBLRVkt'}`, 'data (removed)'],
])('a secret is removed: %s', (_, text, left) => expect(redacted(text).text).toBe(left));

test('what was removed is known', () => {
  expect(redacted('{"password": "s3cret-Pass"}').secrets).toEqual(['s3cret-Pass']);
  expect(redacted('x https://root:s3cret-Pass@10.0.0.1').secrets).toEqual(['s3cret-Pass']);
  expect(redacted('token: s3cret-Pass').secrets).toEqual(['s3cret-Pass']);
});

test('private keys are removed whole, certificates stay', () => {
  const pem = (label: string) => `-----BEGIN ${label}-----\nMIIB\nAAAA\n-----END ${label}-----\n`;
  const text = `a\n${pem('RSA PRIVATE KEY')}b\n${pem('CERTIFICATE')}${pem('PRIVATE KEY')}c`;
  expect(redacted(text).text).toBe(`a\n(removed)\nb\n${pem('CERTIFICATE')}(removed)\nc`);
  expect(redacted('"-----BEGIN PRIVATE KEY-----\\nMIIB\\n-----END PRIVATE KEY-----\\n"').text).toBe('"(removed)\\n"');
  expect(redacted('x\n-----BEGIN EC PRIVATE KEY-----\nMIIB').text).toBe('x\n(removed)');
});

test.each([
  'default via 10.0.0.254 dev eth0 proto static',
  '"etcd_key_file": "/etc/calico/key.pem",',
  'automountServiceAccountToken: false',
  '        secretKeyRef: {"name": "bgp", "key": "password1"}',
  'etcd_endpoints: https://10.0.0.1:2379,https://10.0.0.2:2379',
  'a monkey has keys',
  '2026-11-28 17:00:00.000 [INFO][33] cni-plugin/add.ts: assigned 192.168.86.96 HandleID="net1.c0001"',
])('what is no secret stays: %s', (text) => expect(redacted(text)).toEqual({ text, secrets: [] }));

test('known secrets are removed wherever they are, the longest first, short ones not', () => {
  const secrets = ['s3cret-Pass', 's3cret-Pass-longer', 'root'];
  expect(without(secrets, 'a s3cret-Pass b xs3cret-Pass-longerx root')).toBe('a (removed) b x(removed)x root');
});
