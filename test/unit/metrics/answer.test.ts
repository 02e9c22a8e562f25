import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { answerTo } from '../../../ctl/metrics/answer.ts';
import { guardOf } from '../../../ctl/metrics/credentials.ts';
import { listenAddress } from '../../../ctl/metrics/listen-address.ts';
import { endOfRequest, readRequest } from '../../../shared/http1/request-head.ts';

const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;

describe('users', () => {
  const asked: string[] = [];
  const guard = guardOf({ alice: 'hash of x', bob: 'hash of y' }, (password, hash) => {
    asked.push(`${password} ${hash.slice(0, 9)}`);
    return hash === `hash of ${password}`;
  });

  test.each([
    [basic('alice:x'), true],
    [basic('alice:y'), false],
    [basic('carol:x'), false],
    [basic('constructor:x'), false],
    [basic('alice'), false],
    [basic(''), false],
    ['Bearer x', false],
    ['Basic', false],
    ['basic YWxpY2U6eA==', true],
    [undefined, false],
  ])('%s: %s', (authorization, admitted) => expect(guard.admits(authorization)).toBe(admitted));

  test('a password is compared once, and a name that nobody has takes as long', () => {
    asked.length = 0;
    for (let count = 0; count < 3; count++) guard.admits(basic('bob:y'));
    guard.admits(basic('nobody:y'));
    expect(asked).toEqual(['y hash of y', 'y $2b$10$Cw']);
  });

  test('only so many comparisons are remembered', () => {
    guard.admits(basic('alice:x'));
    for (let count = 0; count < 500; count++) guard.admits(basic(`alice:${count}`));
    asked.length = 0;
    expect(guard.admits(basic('alice:x'))).toBe(true);
    expect(asked).toEqual(['x hash of x']);
  });

  test('without users everybody is admitted', () => expect(guardOf({}).admits(undefined)).toBe(true));
});

describe('an answer', () => {
  const limits: number[] = [];
  const answering = {
    guard: guardOf({}),
    headers: { 'X-Frame-Options': 'deny' },
    metrics: async (limitMs: number) => {
      limits.push(limitMs);
      return 'figures\n';
    },
  };
  const to = (path: string, headers: Readonly<Record<string, string>> = {}, method = 'GET') =>
    answerTo({ method, path, headers: new Map(Object.entries(headers)) }, answering);

  test('has the figures and the headers of the configuration', async () => {
    expect(await to('/metrics')).toMatchObject({ status: 200, body: 'figures\n', headers: answering.headers });
  });

  test.each([
    [{}, 9500],
    [{ 'x-prometheus-scrape-timeout-seconds': '15' }, 14_500],
    [{ 'x-prometheus-scrape-timeout-seconds': '0.2' }, 500],
    [{ 'x-prometheus-scrape-timeout-seconds': 'x' }, 9500],
    [{ 'x-prometheus-scrape-timeout-seconds': '-1' }, 9500],
    [{ 'x-prometheus-scrape-timeout-seconds': '1e9' }, 9500],
  ])('comes before Prometheus gives up: %j', async (headers, limit) => {
    await to('/metrics', headers as Record<string, string>);
    expect(limits.at(-1)).toBe(limit);
  });

  test('is 404 or 405 for anything else', async () => {
    expect((await to('/metrics/x')).status).toBe(404);
    expect(await to('/metrics', {}, 'DELETE')).toMatchObject({ status: 405, headers: { Allow: 'GET, HEAD' } });
  });
});

describe('where to listen', () => {
  test.each([
    ['127.0.0.1:9094', '127.0.0.1', 9094],
    ['[::1]:0', '::1', 0],
    [':9094', '', 9094],
    ['[::]:65535', '::', 65_535],
  ])('%s', (text, address, port) => expect(listenAddress(text)).toEqual({ address, port }));

  test.each([
    '',
    '9094',
    'localhost:9094',
    '127.0.0.1',
    '127.0.0.1:',
    '127.0.0.1:65536',
    '::1:9094',
    '[127.0.0.1]:1',
    '127.0.0.1:-1',
  ])('not %j', (text) => expect(() => listenAddress(text)).toThrow('--listen must be ADDRESS:PORT'));
});

describe('the head of a request', () => {
  test('is read up to its blank line', () => {
    const text = 'GET /metrics?a=b HTTP/1.1\r\nHost: x\r\nAuthorization:  Basic YQ== \r\n\r\nmore';
    const end = endOfRequest(text);
    expect(end).toBe(text.length - 4);
    const head = readRequest(text.slice(0, end));
    expect(head).toMatchObject({ method: 'GET', path: '/metrics' });
    expect(head?.headers.get('authorization')).toBe('Basic YQ==');
  });

  test('is not all there', () => expect(endOfRequest('GET / HTTP/1.1\r\nHost: x\r\n')).toBeUndefined());

  test.each([
    '\r\n\r\n',
    'GET\r\n\r\n',
    'GET x HTTP/1.1\r\n\r\n',
    'GET / HTTP/2\r\n\r\n',
    'GET / HTTP/1.1 x\r\n\r\n',
    'G T / HTTP/1.1\r\n\r\n',
    'GET / HTTP/1.1\r\nx\r\n\r\n',
    'GET / HTTP/1.1\r\n : y\r\n\r\n',
    'GET / HTTP/1.1\r\na b: y\r\n\r\n',
  ])('is none: %j', (text) => expect(readRequest(text)).toBeUndefined());

  test('is read or none, whatever comes', () => {
    const piece = fc.constantFrom('GET', ' ', '/', 'HTTP/1.1', '\r\n', ':', 'a', '\0', 'é', '\t', '__proto__');
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const text = `${pieces.join('')}\r\n\r\n`;
        const head = readRequest(text.slice(0, endOfRequest(text)));
        expect(head === undefined || head.path.startsWith('/')).toBe(true);
      }),
    );
  });
});
