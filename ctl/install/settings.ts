import { failure } from '../../shared/error/failure.ts';
import { seenFrom } from '../../shared/system/file-name.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** What to install where: environment and command line, with defaults. */
export interface Settings {
  /** The folder that contains the node's files; '' for the node itself. */
  readonly root: string;
  /** In an image, with the node's folders mounted below /host, as in the original's manifest. */
  readonly inContainer: boolean;
  /** Folders for the executables, as seen from here. */
  readonly executableFolders: readonly string[];
  /** The folder of network configurations as seen from here, and as the node names it. */
  readonly netFolder: string;
  readonly nodeNetFolder: string;
  readonly confName: string;
  readonly oldConfName: string;
  readonly confMode: number;
  /** The template as text or as a file; both '' without one. */
  readonly template: string;
  readonly templateFile: string;
  readonly tlsAssets: string;
  /** The folder of other plugins in the image, without those in `skipped`; '' for none. */
  readonly pluginSource: string;
  readonly skipped: readonly string[];
  /** Whether existing executables may be replaced. */
  readonly update: boolean;
  readonly sleep: boolean;
  readonly serviceAccount: string;
  /** The life that is asked for its token. */
  readonly tokenSeconds: number;
  readonly apiProtocol: string;
  readonly insecureApi: boolean;
}

/** The mount points of the original's manifest. */
const MOUNTED = { executables: ['/host/opt/cni/bin', '/host/secondary-bin-dir'], net: '/host/etc/cni/net.d' };

/** Reads settings from the environment, with the original's names and defaults. `hasHost`: the folder /host exists. Throws a Failure. */
export function readSettings(env: Environment, root: string | undefined, hasHost: boolean): Settings {
  const text = (name: string, fallback: string) => env[name] || fallback;
  const inContainer = root === undefined && hasHost;
  const nodeNetFolder = absolute('CNI_NET_DIR', text('CNI_NET_DIR', '/etc/cni/net.d'));
  const executables = absolute('CNI_BIN_DIR', text('CNI_BIN_DIR', '/opt/cni/bin'));
  const confName = fileName('CNI_CONF_NAME', text('CNI_CONF_NAME', '10-calico.conflist'));
  const below = root ?? '';
  return {
    root: inContainer ? '/host' : below,
    inContainer,
    executableFolders: inContainer ? MOUNTED.executables : [below + executables],
    netFolder: inContainer ? MOUNTED.net : below + nodeNetFolder,
    nodeNetFolder,
    confName,
    oldConfName: fileName('CNI_OLD_CONF_NAME', text('CNI_OLD_CONF_NAME', '10-calico.conflist')),
    confMode: mode('TEST_FILE_PERMISSION', text('TEST_FILE_PERMISSION', '0600')),
    template: text('CNI_NETWORK_CONFIG', ''),
    templateFile: text('CNI_NETWORK_CONFIG_FILE', ''),
    tlsAssets: text('TLS_ASSETS_DIR', '/calico-secrets'),
    pluginSource: inContainer ? '/opt/cni/bin' : '',
    skipped: text('SKIP_CNI_BINARIES', '').split(',').filter(Boolean),
    update: flag('UPDATE_CNI_BINARIES', text('UPDATE_CNI_BINARIES', 'true')),
    // Someone at the node waits for the prompt.
    sleep: flag('SLEEP', text('SLEEP', String(inContainer))),
    serviceAccount: text('CALICO_CNI_SERVICE_ACCOUNT', 'calico-cni-plugin'),
    tokenSeconds: seconds('CNI_TOKEN_SECONDS', text('CNI_TOKEN_SECONDS', '86400')),
    apiProtocol: text('KUBERNETES_SERVICE_PROTOCOL', 'https'),
    insecureApi: flag('SKIP_TLS_VERIFY', text('SKIP_TLS_VERIFY', 'false')),
  };
}

/** A file of the node as seen from here. */
export const onNode = ({ root }: Pick<Settings, 'root'>, path: string): string => root + seenFrom('', path);

function absolute(name: string, value: string): string {
  const folder = value.replace(/\/+$/, '');
  if (folder.startsWith('/')) return folder;
  throw failure(`${name} must be an absolute path: ${JSON.stringify(value)}`);
}

function fileName(name: string, value: string): string {
  if (!value.includes('/') && value !== '.' && value !== '..') return value;
  throw failure(`${name} must be a file name: ${JSON.stringify(value)}`);
}

function flag(name: string, value: string): boolean {
  if (['1', 't', 'T', 'true', 'TRUE', 'True'].includes(value)) return true;
  if (['0', 'f', 'F', 'false', 'FALSE', 'False'].includes(value)) return false;
  throw failure(`${name} must be true or false: ${JSON.stringify(value)}`);
}

/** API servers refuse less. */
const SHORTEST_LIFE_S = 600;

function seconds(name: string, value: string): number {
  if (/^\d{1,9}$/.test(value) && Number(value) >= SHORTEST_LIFE_S) return Number(value);
  throw failure(`${name} must be a number of seconds, at least ${SHORTEST_LIFE_S}: ${JSON.stringify(value)}`);
}

function mode(name: string, value: string): number {
  if (/^0?[0-7]{3}$/.test(value)) return Number.parseInt(value, 8);
  throw failure(`${name} must be a file mode such as 0600: ${JSON.stringify(value)}`);
}
