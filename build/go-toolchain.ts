import { createHash } from 'node:crypto';
import { chmodSync, existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { findBusybox } from './busybox.ts';
import { CACHE, inWorkFolder, settle } from './places.ts';
import { say } from './say.ts';

/** The Go that is fetched where no new enough one is installed. */
const VERSION = '1.25.5';
/** SHA-256 of each processor's archive. */
const ARCHIVES: Readonly<Record<string, { readonly name: string; readonly sha256: string } | undefined>> = {
  x64: {
    name: `v0.0.1-go${VERSION}.linux-amd64`,
    sha256: '8cea6783dab64d68b38f5b81ecd38d45155a3c06638991acc6af19e0fca80edb',
  },
  arm64: {
    name: `v0.0.1-go${VERSION}.linux-arm64`,
    sha256: '4d31d22f75fed99025f7b082319eabeb74106d11e343fc203b336ba2afdeb3a1',
  },
};
const MODULE = 'golang.org/toolchain';
const PUBLIC_PROXY = 'https://proxy.golang.org';

/** Go as published for Go's own upgrades, unpacked into .cache. Throws when it cannot be fetched. */
export async function goToolchain(): Promise<string> {
  const place = join(CACHE, `go-${VERSION}`);
  const program = join(place, 'bin/go');
  if (existsSync(program)) return program;
  const archive = ARCHIVES[process.arch];
  if (archive === undefined) throw new Error(`no pinned Go for ${process.arch}`);
  say(`Fetching Go ${VERSION} …`);
  await inWorkFolder(async (folder) => {
    const file = join(folder, 'go.zip');
    writeFileSync(file, await download(`${moduleProxy()}/${MODULE}/@v/${archive.name}.zip`, archive.sha256));
    await execa(await findBusybox(), ['unzip', '-q', file], { cwd: folder });
    const unpacked = join(folder, `${MODULE}@${archive.name}`);
    makeExecutable(unpacked);
    settle(unpacked, place);
  });
  return program;
}

/** The module proxy of GOPROXY, whose entries are separated by commas or bars; the public one if it names none. */
const moduleProxy = (): string =>
  (process.env['GOPROXY'] ?? '').split(/[,|]/).find((entry) => /^https?:/.test(entry)) ?? PUBLIC_PROXY;

async function download(url: string, sha256: string): Promise<Uint8Array> {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`${url}: ${answer.status} ${answer.statusText}`);
  const bytes = new Uint8Array(await answer.arrayBuffer());
  const found = createHash('sha256').update(bytes).digest('hex');
  if (found !== sha256) throw new Error(`${url}: SHA-256 is ${found}, not ${sha256}`);
  return bytes;
}

/** Archives of modules hold no file modes. */
function makeExecutable(root: string): void {
  const tools = readdirSync(join(root, 'pkg/tool')).map((platform) => join('pkg/tool', platform));
  for (const folder of ['bin', ...tools]) {
    for (const name of readdirSync(join(root, folder))) chmodSync(join(root, folder, name), 0o755);
  }
}
