import { fromBase64 } from '../bytes/text.ts';
import { quote } from '../cni/quote.ts';
import { type Reader, reader } from '../cni/reader.ts';
import { type Failure, failure } from '../error/failure.ts';
import { folderOf, seenFrom } from '../system/file-name.ts';
import { type ExecPlugin, type Material, NOTHING, type PartialConfig } from './api-config.ts';

/** A parsed kubeconfig; relative file names are resolved from `path`. */
export interface Kubeconfig {
  readonly json: unknown;
  readonly path: string;
}

interface Source {
  readonly config: Reader;
  readonly path: string;
}

/** Resolves a context, '' for the current one. Of several files, the first with an entry wins. Throws a Failure. */
export function readKubeconfig(files: readonly Kubeconfig[], context = ''): PartialConfig {
  const sources = files.map(({ json, path }) => {
    const refuse = (why: string) => failure(`error loading config file ${quote(path)}: ${why}`);
    return { config: reader(json, 'Config', refuse), path };
  });
  const currents = sources.map(({ config }) => config.text('current-context'));
  const wanted = context || (currents.find((name) => name !== '') ?? '');
  if (wanted === '') return NOTHING;
  const found = named(sources, 'contexts', wanted, 'context')?.entry;
  if (found === undefined) throw noContext(wanted, sources, context !== '');
  const cluster = named(sources, 'clusters', found.text('cluster'), 'cluster');
  if (cluster !== undefined && cluster.entry.text('proxy-url') !== '') {
    throw proxyUnsupported(cluster.path, found.text('cluster'));
  }
  const user = named(sources, 'users', found.text('user'), 'user');
  if (user !== undefined) requireKnownMeans(user);
  return {
    ...NOTHING,
    ...(cluster === undefined ? {} : readCluster(cluster.entry, cluster.path)),
    ...(user === undefined ? {} : readUser(user.entry, user.path)),
  };
}

function noContext(name: string, sources: readonly Source[], isAskedFor: boolean): Failure {
  const files = sources.map(({ path }) => path).join(', ');
  return failure(
    `invalid configuration: context was not found for specified context: ${name}`,
    isAskedFor ? `K8S_CURRENT_CONTEXT asks for it; looked in ${files}` : `${files} has current-context: ${name}`,
  );
}

/** The URL is left out: it may hold a password. */
const proxyUnsupported = (path: string, cluster: string): Failure =>
  failure(
    `error loading config file ${quote(path)}: proxy-url of cluster ${quote(cluster)}: connecting through a proxy is not supported`,
    'remove proxy-url, and set server to an address that this node reaches without a proxy',
  );

/** Keys of a user by which it acts as another. */
const IMPERSONATION = ['as', 'as-uid', 'as-groups', 'as-user-extra'];

/** Refuses means of authentication that are not supported: without them, requests would have other rights than configured. */
function requireKnownMeans({ entry, path }: Named): void {
  const refuse = (why: string, remedy: string) => failure(`error loading config file ${quote(path)}: ${why}`, remedy);
  const provider = entry.object('auth-provider').text('name');
  if (provider !== '')
    throw refuse(
      `no Auth Provider found for name ${quote(provider)}`,
      'use token, tokenFile, a client certificate or exec',
    );
  const key = IMPERSONATION.find((each) => !NAMES_NO_USER.includes(JSON.stringify(entry.raw(each))));
  if (key !== undefined)
    throw refuse(`${key}: acting as another user is not supported`, 'give the kubeconfig credentials of that user');
}

/** The JSON of values that name no user. */
const NAMES_NO_USER: readonly (string | undefined)[] = [undefined, 'null', '""', '[]', '{}'];

interface Named {
  readonly entry: Reader;
  readonly path: string;
}

/** The entry with that name in one of the kubeconfigs' lists. Within a file, the last of several with the same name. */
function named(sources: readonly Source[], list: string, name: string, key: string): Named | undefined {
  const all = sources.map(({ config, path }) => {
    const entry = config.objects(list).findLast((each) => each.text('name') === name);
    return { entry, path };
  });
  const first = all.find(({ entry }) => entry !== undefined);
  return first?.entry === undefined ? undefined : { entry: first.entry.object(key), path: first.path };
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

/** Data overrides a file, as in client-go. */
function material(from: Reader, key: string, path: string): Material | undefined {
  const data = from.text(`${key}-data`);
  if (data !== '') return { data: fromBase64(data) };
  const file = from.text(key);
  return file === '' ? undefined : { file: seenFrom(folderOf(path), file) };
}

function readExec(exec: Reader, path: string): ExecPlugin {
  const command = exec.text('command');
  return {
    // A name without a slash is looked up on PATH.
    command: command.includes('/') ? seenFrom(folderOf(path), command) : command,
    args: exec.texts('args'),
    env: Object.fromEntries(exec.objects('env').map((entry) => [entry.text('name'), entry.text('value')])),
    apiVersion: exec.text('apiVersion'),
    interactiveMode: exec.text('interactiveMode'),
    installHint: exec.text('installHint'),
    provideClusterInfo: exec.flag('provideClusterInfo'),
  };
}
