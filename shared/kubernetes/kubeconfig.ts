import { quote } from '../cni/quote.ts';
import { type Reader, reader } from '../cni/reader.ts';
import { type Failure, failure } from '../error/failure.ts';
import { folderOf, seenFrom } from '../system/file-name.ts';
import { type ExecPlugin, type Material, NOTHING, type PartialConfig } from './api-config.ts';

/** What a kubeconfig's current context says; `path` is where relative file names start from. Throws a Failure. */
export function readKubeconfig(json: unknown, path: string): PartialConfig {
  const refuse = (why: string) => failure(`error loading config file ${quote(path)}: ${why}`);
  const config = reader(json, 'Config', refuse);
  const current = config.text('current-context');
  if (current === '') return NOTHING;
  const context = named(config, 'contexts', current, 'context');
  if (context === undefined) throw noContext(current, path);
  const cluster = named(config, 'clusters', context.text('cluster'), 'cluster');
  const user = named(config, 'users', context.text('user'), 'user');
  return {
    ...NOTHING,
    ...(cluster === undefined ? {} : readCluster(cluster, path)),
    ...(user === undefined ? {} : readUser(user, path)),
  };
}

const noContext = (name: string, path: string): Failure =>
  failure(
    `invalid configuration: context was not found for specified context: ${name}`,
    `${path} has current-context: ${name}`,
  );

/** The entry of that name in one of a kubeconfig's lists; the last one where a name is there twice. */
function named(config: Reader, list: string, name: string, key: string): Reader | undefined {
  return config
    .objects(list)
    .filter((entry) => entry.text('name') === name)
    .at(-1)
    ?.object(key);
}

function readCluster(cluster: Reader, path: string): Partial<PartialConfig> {
  return {
    server: cluster.text('server'),
    tlsServerName: cluster.text('tls-server-name'),
    insecure: cluster.flag('insecure-skip-tls-verify'),
    ca: material(cluster, 'certificate-authority', path),
  };
}

function readUser(user: Reader, path: string): Partial<PartialConfig> {
  const tokenFile = user.text('tokenFile');
  return {
    cert: material(user, 'client-certificate', path),
    key: material(user, 'client-key', path),
    token: user.text('token'),
    tokenFile: tokenFile === '' ? '' : seenFrom(folderOf(path), tokenFile),
    username: user.text('username'),
    password: user.text('password'),
    exec: user.has('exec') ? readExec(user.object('exec'), path) : undefined,
  };
}

/** Data wins over a file, as in client-go. */
function material(from: Reader, key: string, path: string): Material | undefined {
  const data = from.text(`${key}-data`);
  if (data !== '') return { data: Buffer.from(data, 'base64').toString('utf8') };
  const file = from.text(key);
  return file === '' ? undefined : { file: seenFrom(folderOf(path), file) };
}

function readExec(exec: Reader, path: string): ExecPlugin {
  const command = exec.text('command');
  return {
    // A name alone is looked up on PATH.
    command: command.includes('/') ? seenFrom(folderOf(path), command) : command,
    args: exec.texts('args'),
    env: Object.fromEntries(exec.objects('env').map((entry) => [entry.text('name'), entry.text('value')])),
    apiVersion: exec.text('apiVersion'),
    installHint: exec.text('installHint'),
    provideClusterInfo: exec.flag('provideClusterInfo'),
  };
}
