import { cpSync, existsSync, linkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { unpackedTogether } from './debian-together.ts';
import { findGo } from './go.ts';
import { buildPackages } from './go-packages.ts';
import { findIptables } from './iptables.ts';
import { writeScripts } from './own-libraries.ts';
import { CACHE, ROOT, settle } from './places.ts';
import { say } from './say.ts';

/** Programs of the original Calico, and what they need. */
export interface OriginalPrograms {
  /** The directory of calico-node, calicoctl and the plugins calico and calico-ipam. */
  readonly bin: string;
  /** The directories of iptables and ipset, for PATH. */
  readonly path: string;
  /** The directory of confd's templates. */
  readonly confd: string;
}

/** The Go module that sets the version and its dependencies. */
const MODULE = join(ROOT, 'test/interop/calico-node');
const CALICO = 'github.com/projectcalico/calico';
const PROGRAMS = ['node/cmd/calico-node', 'cni-plugin/cmd/calico', 'calicoctl/calicoctl'];
/** Calico 3.28, as it was in August 2025. */
const BIN = join(CACHE, 'original-programs/v3.28-20250813');
const CONFD = 'confd';

/** The original's programs, built once. Undefined if that fails, and unless `npm run original` asks for them. */
export async function findOriginal(): Promise<OriginalPrograms | undefined> {
  if (process.env['CALICO_ORIGINAL'] !== 'run') return undefined;
  const iptables = await findIptables();
  if (iptables === undefined || !(existsSync(BIN) || (await build()))) return undefined;
  return { bin: BIN, path: `${iptables}:${await findIpset()}`, confd: join(BIN, CONFD) };
}

async function build(): Promise<boolean> {
  const go = await findGo();
  if (go === undefined) return false;
  say('Building calico-node and its plugins with Go, once; this takes some ten minutes …');
  const packages = PROGRAMS.map((program) => `${CALICO}/${program}`);
  const refused = await buildPackages(go, { module: MODULE, packages }, async ({ bin, sourceOf }) => {
    linkSync(join(bin, 'calico'), join(bin, 'calico-ipam'));
    cpSync(join(await sourceOf(CALICO), 'confd/etc/calico/confd'), join(bin, CONFD), { recursive: true });
    settle(bin, BIN);
  });
  if (refused !== undefined) say(`calico-node cannot be built here, its tests are skipped: ${refused}`);
  return refused === undefined;
}

async function findIpset(): Promise<string> {
  const place = join(CACHE, 'ipset-programs');
  if (existsSync(place)) return place;
  const { programs, libraries } = await unpackedTogether(['ipset']);
  const path = join(dirname(programs), 'sbin/ipset');
  await writeScripts(place, { ipset: { path, libraries: [libraries] } });
  return place;
}
