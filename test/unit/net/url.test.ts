import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hostAndPort, parseUrl } from '../../../shared/net/url.ts';

test.each([
  ['https://10.96.0.1:443', { protocol: 'https:', hostname: '10.96.0.1', port: '', host: '10.96.0.1', pathname: '/' }],
  ['HTTP://Etcd-0.Example:2379', { protocol: 'http:', hostname: 'etcd-0.example', port: '2379' }],
  ['https://[fd00::1]:6443/', { hostname: '[fd00::1]', host: '[fd00::1]:6443', origin: 'https://[fd00::1]:6443' }],
  ['https://user:p@ss@a:1/x/y?z=1#f', { host: 'a:1', pathname: '/x/y', search: '?z=1' }],
  ['https://[FD00:0:0::1]', { hostname: '[fd00::1]' }],
  ['http://a:080', { port: '', origin: 'http://a' }],
  ['  http://a  ', { host: 'a' }],
])('%s has these parts', (text, parts) => {
  expect(parseUrl(text)).toMatchObject(parts);
});

test.each([
  ...['', 'a', 'a:1', '10.0.0.1:6443', 'localhost:8080', 'ftp://a', 'unix:///run/x', 'http:/a', 'http:a', 'http://'],
  ...['http://a:99999', 'http://a:x', 'http://[a]', 'http://[::1', 'http://[::g]', 'http://::1', 'http://256.0.0.1'],
  ...[
    'http://1.2.3',
    'http://a b',
    'http://a/b c',
    'http://a\r\nx: y',
    'http://ä',
    'http://a/ä',
    'http://a|b',
    '\ud800',
  ],
])('%j is not the URL of a server', (text) => {
  expect(parseUrl(text)).toBeUndefined();
});

test('the port is the one given, or the protocol’s own', () => {
  const port = (text: string) =>
    hostAndPort(
      parseUrl(text) ?? { protocol: '', hostname: '', port: '', host: '', origin: '', pathname: '', search: '' },
    ).port;
  expect(['http://a', 'https://a', 'https://a:80'].map(port)).toEqual([80, 443, 80]);
});

describe('beside the URL standard', () => {
  const label = fc.stringMatching(/^[a-z0-9]([-a-z0-9]{0,8}[a-z0-9])?$/);
  const host = fc.oneof(
    fc.array(label, { minLength: 1, maxLength: 3 }).map((labels) => `${labels.join('.')}.example`),
    fc.ipV4(),
  );
  const path = fc.stringMatching(/^(?:\/[a-zA-Z0-9_~-]{0,6}){0,3}$/);
  const text = fc
    .tuple(fc.constantFrom('http', 'https', 'HTTPS'), host, fc.option(fc.integer({ min: 0, max: 65_535 })), path)
    .map(([scheme, name, port, rest]) => `${scheme}://${name}${port === null ? '' : `:${port}`}${rest}`);

  test('all parts are the same', () => {
    fc.assert(
      fc.property(text, (each) => {
        const { protocol, hostname, port, host: full, origin, pathname, search } = new URL(each);
        expect(parseUrl(each)).toEqual({ protocol, hostname, port, host: full, origin, pathname, search });
      }),
    );
  });

  test('whatever is accepted here is accepted there, for the same host', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'http://[]:@a1.?#%\\ ') }), (rest) => {
        const each = `http://${rest}`;
        const found = parseUrl(each);
        if (found !== undefined) expect(found.host).toBe(new URL(each).host);
      }),
    );
  });
});
