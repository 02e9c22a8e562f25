import { expect, test } from 'vitest';
import { isAddress, wrongNameText } from '../../../shared/http2/certificate-names.ts';

test('a certificate without alternative names says that its Common Name does not count', () => {
  expect(wrongNameText('etcd-0', [])).toBe(
    'the certificate has no subjectAltName for etcd-0: its Common Name is ignored; reissue it',
  );
});

test('a certificate for other hosts names them', () => {
  expect(wrongNameText('etcd-0', ['DNS:etcd-1', 'IP:10.0.0.1'])).toBe(
    'the certificate is not for etcd-0, but for DNS:etcd-1, IP:10.0.0.1',
  );
});

test.each([
  ['10.0.0.1', true],
  ['fd00::1', true],
  ['etcd-0', false],
  ['10.example', false],
])('%s is an address: %s', (host, expected) => {
  expect(isAddress(host)).toBe(expected);
});
