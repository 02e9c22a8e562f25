import { cpSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { onPath } from './on-path.ts';
import { CACHE, inWorkFolder, ROOT, settle } from './places.ts';
import { say } from './say.ts';

/** The module that says which version, and what it is made of. */
const MODULE = join(ROOT, 'test/interop/kube-apiserver');
const PLACE = join(CACHE, 'kube-apiserver/v1.34.1');

/** Kubernetes' API server, built once with the Go that is here (some minutes, 100 MB); undefined where that does not work. */
export async function findKubeApiserver(): Promise<string | undefined> {
  const program = join(PLACE, 'kube-apiserver');
  if (existsSync(program)) return program;
  const go = onPath('go');
  if (go === undefined) say('No Go here: the tests on a real Kubernetes API server are skipped');
  else if (await build(go)) return program;
  return undefined;
}

async function build(go: string): Promise<boolean> {
  say('Building kube-apiserver with Go, once; this takes some minutes …');
  return inWorkFolder(async (folder) => {
    // Go notes down in its module what it found to be missing.
    for (const file of ['go.mod', 'go.sum']) cpSync(join(MODULE, file), join(folder, file));
    const env = { GOFLAGS: '-mod=mod -trimpath', GOSUMDB: 'off', GOTOOLCHAIN: 'local', CGO_ENABLED: '0' };
    const output = join(folder, 'bin/kube-apiserver');
    const words = ['build', '-ldflags', '-s -w', '-o', output, 'k8s.io/kubernetes/cmd/kube-apiserver'];
    const answer = await execa(go, words, { cwd: folder, env, reject: false });
    if (answer.exitCode === 0) settle(join(folder, 'bin'), PLACE);
    else say(`kube-apiserver cannot be built here, its tests are skipped: ${answer.stderr.split('\n').at(-1)}`);
    return answer.exitCode === 0;
  });
}
