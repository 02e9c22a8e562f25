import { expect, it, test } from 'vitest';
import { readEndpoint } from '../../../shared/net/endpoint.ts';

test.each([
  ['http://127.0.0.1:2379', 'http://127.0.0.1:2379', false],
  ['https://etcd-0.example.com:2379', 'https://etcd-0.example.com:2379', true],
  ['https://[fd00::1]:2379/', 'https://[fd00::1]:2379', true],
  ['HTTP://a:1/path?x=1', 'http://a:1', false],
  ['127.0.0.1:2379', 'https://127.0.0.1:2379', true],
  ['[::1]:2379', 'https://[::1]:2379', true],
  ['https://[10.96.0.1]:2379', 'https://10.96.0.1:2379', true],
  ['http://[etcd-0.example.com]:2379/', 'http://etcd-0.example.com:2379', false],
  ['[10.96.0.1]:2379', 'https://10.96.0.1:2379', true],
])('%s is reached at %s', (text, url, secure) => {
  expect(readEndpoint(text)).toMatchObject({ text, url, secure });
});

test.each([
  '',
  'http://',
  'http://a',
  'a',
  'unix:///run/etcd',
  'ftp://a:1',
  'http://a:x',
  'http://a b:1',
  'http://a:99999',
])('%j is not an endpoint', (text) => {
  expect(readEndpoint(text).url).toBeUndefined();
});

it('remembers that the scheme was missing', () => {
  expect(readEndpoint('a:1').schemeless).toBe(true);
  expect(readEndpoint('http://a:1').schemeless).toBe(false);
});

it('passes a host in brackets to the server without them', () => {
  expect(readEndpoint('https://[10.96.0.1]:2379').authority).toBe('10.96.0.1:2379');
  expect(readEndpoint('https://[fd00::1]:2379').authority).toBe('[fd00::1]:2379');
});

test.each(['http://[]:1', 'http://[a b]:1', 'http://[a:1'])(
  '%j is not an endpoint in spite of its brackets',
  (text) => {
    expect(readEndpoint(text).url).toBeUndefined();
  },
);

test.each(['http://root:se@cret@a:1', 'root:se@cret@a:1', 'http://root:se@cret@[a]:1'])(
  'hides the credentials of %s',
  (text) => {
    const endpoint = readEndpoint(text);
    expect(JSON.stringify(endpoint)).not.toMatch(/root|cret/);
    expect(endpoint.url).toMatch(/^https?:\/\/a:1$/);
  },
);
