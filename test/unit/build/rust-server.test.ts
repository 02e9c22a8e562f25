import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { fetchedRust, findXz, type Release } from '../../../build/rust/server.ts';
import { tripleOf } from '../../../build/rust/triple.ts';
import { nativeTarget, TARGETS, type Target } from '../../../build/targets.ts';

const HERE = tripleOf(nativeTarget(), 'gnu');

/** Without xz neither the test nor what it tests can do anything. */
const xz = await findXz().catch(() => undefined);

let folder: string;
let server: Server;
let asked: string[];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'rust-server-'));
  asked = [];
  server = createServer((request, response) => {
    asked.push(request.url ?? '');
    const file = join(folder, 'server', request.url ?? '');
    if (existsSync(file)) response.end(readFileSync(file));
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  vi.stubEnv('RUSTUP_DIST_SERVER', `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  vi.spyOn(console, 'error').mockReturnValue();
});

afterEach(async () => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true });
});

/** Publishes archives laid out as Rust's. Each has one file in the component of its name. */
function published(parts: Readonly<Record<string, string>>): Release {
  const [version, date] = ['9.9.9', '2026-01-02'];
  const dist = join(folder, 'server/dist', date);
  mkdirSync(dist, { recursive: true });
  const archives = Object.entries(parts).map(([part, file]) => {
    const [name = '', triple = ''] = part.split(/-(?=x86_64|aarch64)/);
    const archive = `${name}-${version}-${triple}`;
    const path = join(folder, 'made', archive, name === 'rust-std' ? part : name, file);
    mkdirSync(join(path, '..'), { recursive: true });
    writeFileSync(path, part, { mode: 0o755 });
    execFileSync('tar', ['-cf', join(dist, `${archive}.tar`), '-C', join(folder, 'made'), archive]);
    execFileSync(xz ?? '', [join(dist, `${archive}.tar`)]);
    const bytes = readFileSync(join(dist, `${archive}.tar.xz`));
    return [archive, createHash('sha256').update(bytes).digest('hex')];
  });
  return { version, published: date, archives: Object.fromEntries(archives) };
}

const releaseFor = (target: Target) =>
  published({
    [`rustc-${HERE}`]: 'bin/rustc',
    [`cargo-${HERE}`]: 'bin/cargo',
    [`rust-std-${HERE}`]: 'lib/here',
    [`rust-std-${tripleOf(target, 'musl')}`]: 'lib/musl',
  });

test.runIf(xz !== undefined).each(Object.values(TARGETS))('Rust for $name is put together, once', async (target) => {
  const release = releaseFor(target);
  const cache = join(folder, 'cache');
  const found = await fetchedRust(target, release, cache);
  const rust = join(cache, `rust-9.9.9-${target.name}`);
  const triple = tripleOf(target, 'musl');
  expect(found).toEqual({ cargo: join(rust, 'bin/cargo'), env: { RUSTC: join(rust, 'bin/rustc') }, triple });
  expect(readFileSync(found.cargo, 'utf8')).toBe(`cargo-${HERE}`);
  expect(readFileSync(join(rust, 'lib/musl'), 'utf8')).toBe(`rust-std-${triple}`);
  expect(readdirSync(cache)).toEqual([`rust-9.9.9-${target.name}`]);
  const requests = asked.splice(0);
  expect(requests).toEqual(Object.keys(release.archives).map((name) => `/dist/2026-01-02/${name}.tar.xz`));
  await fetchedRust(target, release, cache);
  expect(asked).toEqual([]);
});

test.runIf(xz !== undefined)('an archive with other contents is refused, and nothing is kept', async () => {
  const release = releaseFor(nativeTarget());
  const archives = { ...release.archives, [`cargo-9.9.9-${HERE}`]: 'a'.repeat(64) };
  const fetched = fetchedRust(nativeTarget(), { ...release, archives }, join(folder, 'cache'));
  await expect(fetched).rejects.toThrow(/cargo-9\.9\.9-.*\.tar\.xz: SHA-256 is [0-9a-f]{64}, not a{64}$/);
  expect(readdirSync(join(folder, 'cache'))).toEqual([]);
});

test('a server that lacks it, or cannot be reached, is an error', async () => {
  const release: Release = { version: '9.9.9', published: '2026-01-02', archives: {} };
  const fetched = () => fetchedRust(nativeTarget(), release, join(folder, 'cache'));
  await expect(fetched()).rejects.toThrow(/rustc-9\.9\.9-.*: 404 Not Found$/);
  vi.stubEnv('RUSTUP_DIST_SERVER', 'http://127.0.0.1:1');
  await expect(fetched()).rejects.toThrow(/^http:\/\/127\.0\.0\.1:1\/dist\/.* cannot be reached$/);
});
