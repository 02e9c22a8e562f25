import { expect, test } from 'vitest';
import { commonNameOnly } from '../../../shared/http2/certificate-names.ts';

test.each([undefined, '', 'IP Address:10.0.0.1', 'URI:"http://x/, DNS:etcd-0"', 'URI:"a\\", DNS:etcd-0", email:DNS:a'])(
  'a host name is compared only with the alternative names, which are %j',
  (alternatives) => {
    expect(commonNameOnly('etcd-0', alternatives)).toMatchObject({
      code: 'ERR_TLS_CERT_ALTNAME_INVALID',
      message: expect.stringContaining('etcd-0'),
    });
  },
);

test.each([
  ['etcd-0', 'DNS:etcd-0'],
  ['etcd-0', 'IP Address:10.0.0.1, DNS:*.example.com'],
  ['10.0.0.1', undefined],
  ['fd00::1', 'IP Address:FD00:0:0:0:0:0:0:1'],
])('the runtime decides whether %s matches %j', (host, alternatives) => {
  expect(commonNameOnly(host, alternatives)).toBeUndefined();
});
