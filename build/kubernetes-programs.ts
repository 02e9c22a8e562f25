import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { findGo } from './go.ts';
import { buildPackages } from './go-packages.ts';
import { CACHE, ROOT, settle } from './places.ts';
import { say } from './say.ts';
import { CLUSTER_PROGRAMS, type ClusterProgram, type Tools } from './tools.ts';

/** The Go module that sets the version and its dependencies. */
const MODULE = join(ROOT, 'test/interop/kube-apiserver');
const VERSION = 'v1.34.1';

/** Programs of Kubernetes that tests run. */
type Program = 'kube-apiserver' | 'kubelet' | ClusterProgram;

const placeOf = (name: Program): string => join(CACHE, name, VERSION);

/** One of Kubernetes' programs, built once (some minutes, 100 MB). Undefined if that fails. */
export const findKubernetes = async (name: Program): Promise<string | undefined> => (await findAllOf([name]))?.[0];

/** Several of them, built together, which is much faster than one by one. Undefined if one is missing. */
async function findAllOf(names: readonly Program[]): Promise<readonly string[] | undefined> {
  const programs = names.map((name) => join(placeOf(name), name));
  const missing = names.filter((_, at) => !existsSync(programs[at] ?? ''));
  if (missing.length === 0) return programs;
  const go = await findGo();
  if (go === undefined) say(`Without Go the tests with a real ${missing.join(', ')} are skipped`);
  else if (await build(go, missing)) return programs;
  return undefined;
}

/** The programs of a whole cluster, by their names. Undefined if one is missing. */
export async function findClusterPrograms(): Promise<Tools['clusterPrograms']> {
  const found = await findAllOf(CLUSTER_PROGRAMS);
  if (found === undefined) return undefined;
  const pairs = CLUSTER_PROGRAMS.map((name, at) => [name, found[at] ?? ''] as const);
  return Object.fromEntries(pairs) as Record<ClusterProgram, string>;
}

async function build(go: string, names: readonly Program[]): Promise<boolean> {
  say(`Building ${names.join(', ')} with Go, once; this takes some minutes …`);
  const packages = names.map((name) => `k8s.io/kubernetes/cmd/${name}`);
  const refused = await buildPackages(go, { module: MODULE, packages }, async ({ bin }) => {
    for (const name of names) {
      const folder = join(bin, `${name}-alone`);
      mkdirSync(folder);
      renameSync(join(bin, name), join(folder, name));
      settle(folder, placeOf(name));
    }
  });
  if (refused !== undefined) say(`${names.join(', ')} cannot be built here, their tests are skipped: ${refused}`);
  return refused === undefined;
}
