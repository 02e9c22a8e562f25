import { base64 } from '../bytes/text.ts';
import { parseJsonText, reader } from '../cni/reader.ts';
import { Failure, failure } from '../error/failure.ts';
import { run } from '../system/exec.ts';
import type { ApiConfig, ExecPlugin } from './api-config.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Credentials from a credential plugin. */
export interface Issued {
  readonly token?: string;
  readonly cert?: string;
  readonly key?: string;
}

const LIMIT_MS = 15_000;

/** Runs a credential plugin without a terminal. Throws a Failure with client-go's text, and the plugin's stderr in the details. */
export function runExecPlugin(plugin: ExecPlugin, config: ApiConfig, ca: string | undefined, env: Environment): Issued {
  const { command, args, apiVersion } = plugin;
  if (command === '')
    throw failure('invalid configuration: command must be specified to use exec authentication plugin', config.source);
  const info = { kind: 'ExecCredential', apiVersion, spec: { ...clusterInfo(plugin, config, ca), interactive: false } };
  const variables = { ...env, ...plugin.env, KUBERNETES_EXEC_INFO: JSON.stringify(info) };
  const ran = runHinting(plugin, variables);
  if (ran.status !== 0) {
    throw failure(
      `getting credentials: exec: executable ${command} failed with exit code ${ran.status}`,
      `${[command, ...args].join(' ')}: ${ran.stderr.trim()}`,
    );
  }
  const refuse = (why: string) => failure(`getting credentials: decoding stdout: ${why}`, command);
  const status = reader(parseJsonText(ran.stdout, refuse), 'ExecCredential', refuse).object('status');
  const [token, cert, key] = [status.text('token'), status.text('clientCertificateData'), status.text('clientKeyData')];
  if (token === '' && (cert === '' || key === '')) {
    throw failure('getting credentials: exec plugin did not return a token or cert/key pair', command);
  }
  return { ...(token === '' ? {} : { token }), ...(cert === '' ? {} : { cert, key }) };
}

function runHinting({ command, args, installHint }: ExecPlugin, env: Environment): ReturnType<typeof run> {
  try {
    return run(command, args, { env, timeout: LIMIT_MS });
  } catch (thrown) {
    if (!(thrown instanceof Failure)) throw thrown;
    const hint = [thrown.details, installHint].filter((text) => text !== undefined && text !== '').join('\n');
    throw failure(`getting credentials: exec: ${thrown.message}`, hint, thrown);
  }
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
