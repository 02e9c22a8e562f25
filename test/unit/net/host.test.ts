import { expect, test } from 'vitest';
import { hostInUrl, withoutNeedlessBrackets } from '../../../shared/net/host.ts';

test.each([
  ['https://[10.96.0.1]:443', 'https://10.96.0.1:443'],
  ['https://[kubernetes.default.svc]:443/api/v1/', 'https://kubernetes.default.svc:443/api/v1/'],
  ['HTTP://u:p@[etcd-0]:2379', 'HTTP://u:p@etcd-0:2379'],
  ['[etcd-0]:2379', 'etcd-0:2379'],
])('%s is read as %s', (text, meant) => expect(withoutNeedlessBrackets(text)).toBe(meant));

test.each(['https://[fd00::1]:443', '[::1]:2379', 'https://a:1/[b]', 'https://a:1', 'a:1/x@[b]', '', 'https://[]:1'])(
  '%s is left unchanged',
  (text) => expect(withoutNeedlessBrackets(text)).toBe(text),
);

test.each([
  ['10.96.0.1', '10.96.0.1'],
  ['[10.96.0.1]', '10.96.0.1'],
  ['fd00::1', '[fd00::1]'],
  ['[fd00::1]', '[fd00::1]'],
])('the host %s is written in a URL as %s', (host, meant) => expect(hostInUrl(host)).toBe(meant));
