import { base64 } from '../bytes/text.ts';
import { quote } from '../cni/quote.ts';
import { parseJsonText, reader } from '../cni/reader.ts';
import { Failure, failure } from '../error/failure.ts';
import { type Ran, run } from '../system/exec.ts';
import type { ApiConfig, ExecPlugin } from './api-config.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Credentials from a credential plugin. */
export interface Issued {
  readonly token?: string;
  readonly cert?: string;
  readonly key?: string;
}

/** How credential plugins are run. */
export interface PluginRuns {
  /** Whether there is a terminal on which they can talk to a user. */
  readonly terminal: boolean;
  /** Milliseconds after which one is killed. */
  readonly limit: number;
  /** Runs one: the caller may count the time that it takes. */
  readonly during?: <T>(work: () => T) => T;
}

const UNATTENDED: PluginRuns = { terminal: false, limit: 15_000 };

const GROUP = 'client.authentication.k8s.io/';
const MODES = ['', 'Never', 'IfAvailable', 'Always'];

/** Runs a credential plugin. Throws a Failure with client-go's text, and the plugin's stderr in the details. */
export function runExecPlugin(
  plugin: ExecPlugin,
  config: ApiConfig,
  ca: string | undefined,
  env: Environment,
  runs = UNATTENDED,
): Issued {
  requireValid(plugin, config.source);
  const terminal = runs.terminal && plugin.interactiveMode !== 'Never';
  if (plugin.interactiveMode === 'Always' && !terminal)
    throw credentials(
      'exec plugin cannot support interactive mode: standard input is not a terminal',
      'the kubeconfig asks for it (interactiveMode: Always): run the command on a terminal, or set IfAvailable',
    );
  const { command, args, apiVersion } = plugin;
  const spec = { ...clusterInfo(plugin, config, ca), interactive: terminal };
  const info = JSON.stringify({ kind: 'ExecCredential', apiVersion, spec });
  const variables = { ...env, ...plugin.env, KUBERNETES_EXEC_INFO: info };
  const { during = (work) => work() } = runs;
  const ran = during(() => runHinting(plugin, { env: variables, timeout: runs.limit, terminal }));
  if (ran.status !== 0) {
    const said = [[command, ...args].join(' '), ran.stderr.trim()].filter((text) => text !== '').join(': ');
    throw credentials(`exec: executable ${command} failed with exit code ${ran.status}`, said);
  }
  return issued(plugin, ran);
}

const credentials = (why: string, details: string, cause?: unknown): Failure =>
  failure(`getting credentials: ${why}`, details, cause);

function requireValid({ command, apiVersion, interactiveMode }: ExecPlugin, source: string): void {
  const invalid = (why: string) => failure(`invalid configuration: ${why} to use exec authentication plugin`, source);
  if (command === '') throw invalid('command must be specified');
  if (apiVersion === '') throw invalid('apiVersion must be specified');
  if (apiVersion !== `${GROUP}v1` && apiVersion !== `${GROUP}v1beta1`)
    throw failure(
      `exec plugin: invalid apiVersion ${quote(apiVersion)}`,
      `${source}: use ${GROUP}v1 or ${GROUP}v1beta1`,
    );
  if (!MODES.includes(interactiveMode))
    throw failure(
      `invalid configuration: invalid interactiveMode: ${quote(interactiveMode)}`,
      `${source}: it must be Never, IfAvailable or Always`,
    );
}

function runHinting({ command, args, installHint }: ExecPlugin, options: Parameters<typeof run>[2]): Ran {
  try {
    return run(command, args, options);
  } catch (thrown) {
    if (!(thrown instanceof Failure)) throw thrown;
    const hint = [thrown.details, installHint].filter((text) => text !== undefined && text !== '').join('\n');
    throw credentials(`exec: ${thrown.message}`, hint, thrown);
  }
}

/** Reads what the plugin has printed; nothing of it is in errors, as it may be a secret. */
function issued({ command, apiVersion }: ExecPlugin, { stdout }: Ran): Issued {
  const refuse = (why: string) => credentials(why, command);
  const decoding = (why: string) => refuse(`decoding stdout: ${why}`);
  const answer = reader(parseJsonText(stdout, decoding), 'ExecCredential', decoding);
  const [kind, version] = [answer.text('kind'), answer.text('apiVersion')];
  if (kind !== 'ExecCredential' && kind !== '') throw decoding(`the kind is ${quote(kind)}, not ExecCredential`);
  if (version !== apiVersion && version !== '')
    throw refuse(`exec plugin is configured to use API version ${apiVersion}, plugin returned version ${version}`);
  if (!answer.has('status')) throw refuse("exec plugin didn't return a status field");
  const status = answer.object('status');
  const [token, cert, key] = [status.text('token'), status.text('clientCertificateData'), status.text('clientKeyData')];
  if (token === '' && cert === '' && key === '') throw refuse('exec plugin did not return a token or cert/key pair');
  if ((cert === '') !== (key === '')) throw refuse('exec plugin returned only certificate or key, not both');
  return { ...(token === '' ? {} : { token }), ...(cert === '' ? {} : { cert, key }) };
}

function clusterInfo(
  { provideClusterInfo }: ExecPlugin,
  { server, tlsServerName, insecure }: ApiConfig,
  ca: string | undefined,
): object {
  if (!provideClusterInfo) return {};
  return {
    cluster: {
      server,
      ...(tlsServerName === '' ? {} : { 'tls-server-name': tlsServerName }),
      ...(insecure ? { 'insecure-skip-tls-verify': true } : {}),
      ...(ca === undefined ? {} : { 'certificate-authority-data': base64(ca) }),
    },
  };
}
