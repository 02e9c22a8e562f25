/** What a person asks of calico-install. */
export interface InstallCommand {
  readonly uninstall: boolean;
  readonly dryRun: boolean;
  /** Go on although releases wait in the journal. */
  readonly force: boolean;
  /** The folder below which the node's files lie; undefined: /host where there is one, else the node's own. */
  readonly root: string | undefined;
}

/** A command, or what to print where (standard output for status 0) and the exit status. */
export type CommandLine = { readonly command: InstallCommand } | { readonly text: string; readonly status: number };

const USAGE = `Usage: calico-install [--dry-run] [--root FOLDER]
       calico-install --uninstall [--dry-run] [--force] [--root FOLDER]

Installs the executables, credentials and network configuration of Calico's CNI plugin on a node.
  --dry-run      show what would be done without changing anything
  --uninstall    remove what was installed, and only that
  --force        uninstall despite pending releases in the journal; their addresses stay allocated
  --root FOLDER  root of the node's file system (default: /host if it exists, else /)
  -v, --version  print the version
  -h, --help     print this help

Other settings come from the environment. The most important are:
  CNI_BIN_DIR, CNI_NET_DIR       folders on the node (/opt/cni/bin, /etc/cni/net.d)
  CNI_NETWORK_CONFIG[_FILE]      network configuration template, as text or as a file
  ETCD_ENDPOINTS, TLS_ASSETS_DIR etcd's endpoints, and the folder with etcd-ca, etcd-cert and etcd-key
  SLEEP                          keep running, and copy etcd's certificates whenever they change
`;

const SWITCHES = ['dry-run', 'uninstall', 'force'];
/** These end all reading: what is printed on standard output. */
const TOLD = ['h', 'help', 'v', 'version'];

/** Reads the words after the program's name; one or two dashes, values after a space or `=`. */
export function readCommandLine(argv: readonly string[], version: string): CommandLine {
  const words = wordsOf(argv);
  const told = words.find(({ name, value }) => TOLD.includes(name) && value === undefined);
  if (told !== undefined) return { text: told.name.startsWith('h') ? USAGE : `${version}\n`, status: 0 };
  const unknown = words.find(({ name, value }) => name !== 'root' && (!SWITCHES.includes(name) || value !== undefined));
  if (unknown !== undefined) return wrong(`Unknown argument ${JSON.stringify(unknown.word)}`);
  const root = words.findLast(({ name }) => name === 'root');
  if (root !== undefined && root.value?.startsWith('/') !== true) return wrong('--root must be an absolute path');
  const [dryRun = false, uninstall = false, force = false] = SWITCHES.map((each) =>
    words.some(({ name }) => name === each),
  );
  if (force && !uninstall) return wrong('--force can only be used with --uninstall');
  return { command: { dryRun, uninstall, force, root: root?.value?.replace(/\/+$/, '') } };
}

interface Word {
  readonly word: string;
  /** '' for what is no flag. */
  readonly name: string;
  readonly value: string | undefined;
}

function wordsOf(argv: readonly string[]): readonly Word[] {
  const words: Word[] = [];
  for (const word of argv) {
    const last = words.at(-1);
    const [, name = '', value] = /^--?([^-=][^=]*)(?:=(.*))?$/s.exec(word) ?? [];
    if (last?.name === 'root' && last.value === undefined) words[words.length - 1] = { ...last, value: word };
    else words.push({ word, name, value });
  }
  return words;
}

const wrong = (why: string): CommandLine => ({ text: `calico-install: ${why}\n${USAGE}`, status: 2 });
