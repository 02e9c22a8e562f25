import { cpSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { findGo } from './go.ts';
import { CACHE, inWorkFolder, ROOT, settle } from './places.ts';
import { say } from './say.ts';

/** The Go module that sets the version and its dependencies. */
const MODULE = join(ROOT, 'test/interop/kube-apiserver');
const VERSION = 'v1.34.1';

/** Programs of Kubernetes that tests run. */
type Program = 'kube-apiserver' | 'kubelet' | 'kubectl';

/** One of Kubernetes' programs, built once (some minutes, 100 MB). Undefined if that fails. */
export async function findKubernetes(name: Program): Promise<string | undefined> {
  const program = join(CACHE, name, VERSION, name);
  if (existsSync(program)) return program;
  const go = await findGo();
  if (go === undefined) say(`Without Go the tests with a real ${name} are skipped`);
  else if (await build(go, name)) return program;
  return undefined;
}

async function build(go: string, name: Program): Promise<boolean> {
  say(`Building ${name} with Go, once; this takes some minutes …`);
  return inWorkFolder(async (folder) => {
    // Go adds missing dependencies to its module file.
    for (const file of ['go.mod', 'go.sum']) cpSync(join(MODULE, file), join(folder, file));
    const env = { GOFLAGS: '-mod=mod -trimpath', GOSUMDB: 'off', GOTOOLCHAIN: 'local', CGO_ENABLED: '0' };
    const output = join(folder, 'bin', name);
    const words = ['build', '-ldflags', '-s -w', '-o', output, `k8s.io/kubernetes/cmd/${name}`];
    const answer = await execa(go, words, { cwd: folder, env, reject: false });
    if (answer.exitCode === 0) settle(join(folder, 'bin'), join(CACHE, name, VERSION));
    else say(`${name} cannot be built here, its tests are skipped: ${answer.stderr.split('\n').at(-1)}`);
    return answer.exitCode === 0;
  });
}
