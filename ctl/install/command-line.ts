import { optionWord } from '../command-line/option-word.ts';

/** What calico-install is asked to do. */
export interface InstallCommand {
  readonly uninstall: boolean;
  /** Keep running, and keep what was installed as it should be. */
  readonly watch: boolean;
  readonly dryRun: boolean;
  /** Continue although the journal has entries. */
  readonly force: boolean;
  /** The folder that contains the node's files. Undefined: /host if it exists, otherwise the node itself. */
  readonly root: string | undefined;
}

/** A command, or text to print (on standard output if the status is 0) and the exit status. */
export type CommandLine = { readonly command: InstallCommand } | { readonly text: string; readonly status: number };

const USAGE = `Usage: calico-install [--watch] [--dry-run] [--root FOLDER]
       calico-install --uninstall [--watch] [--dry-run] [--force] [--root FOLDER]
       calico-install --ready | --live
       calico-install manifest [OPTIONS]

Installs the executables, credentials and network configuration of Calico's CNI plugin on a node.
  --watch        keep running: renew token and certificates, and install again what is lost or changed;
                 with --uninstall: stay without doing anything, so that the container is not restarted
  --ready        for a readiness probe: exit status 0 if the node is as it should be
  --live         for a liveness probe: exit status 0 if --watch runs
  --dry-run      show what would be done without changing anything
  --uninstall    remove what was installed, and only that
  --force        uninstall despite pending releases in the journal; their addresses stay allocated
  --root FOLDER  root of the node's file system (default: /host if it exists, else /)
  manifest       print Kubernetes objects that install it on every node; has its own --help
  -v, --version  print the version
  -h, --help     print this help

Other settings come from the environment. The most important are:
  DATASTORE_TYPE                 kubernetes or etcdv3 (found out from the rest)
  CNI_BIN_DIR, CNI_NET_DIR       folders on the node (/opt/cni/bin, /etc/cni/net.d)
  CNI_NETWORK_CONFIG[_FILE]      network configuration template, as text or as a file
  ETCD_ENDPOINTS, TLS_ASSETS_DIR etcd's endpoints, and the folder with etcd-ca, etcd-cert and etcd-key
  SLEEP                          true: the same as --watch
`;

const SWITCHES = ['dry-run', 'uninstall', 'force', 'watch'];
/** Options that print something and end. */
const ANSWERED = ['h', 'help', 'v', 'version'];

/** Reads the arguments: one or two dashes, values after a space or `=`. */
export function readCommandLine(argv: readonly string[], version: string): CommandLine {
  const words = wordsOf(argv);
  const answered = words.find(({ name, value }) => ANSWERED.includes(name) && value === undefined);
  if (answered !== undefined) return { text: answered.name.startsWith('h') ? USAGE : `${version}\n`, status: 0 };
  const unknown = words.find(({ name, value }) => name !== 'root' && (!SWITCHES.includes(name) || value !== undefined));
  if (unknown !== undefined) return wrong(`Unknown argument ${JSON.stringify(unknown.word)}`);
  const root = words.findLast(({ name }) => name === 'root');
  if (root !== undefined && root.value?.startsWith('/') !== true) return wrong('--root must be an absolute path');
  const [dryRun = false, uninstall = false, force = false, watch = false] = SWITCHES.map((each) =>
    words.some(({ name }) => name === each),
  );
  if (force && !uninstall) return wrong('--force can only be used with --uninstall');
  return { command: { dryRun, uninstall, force, watch, root: root?.value?.replace(/\/+$/, '') } };
}

interface Word {
  readonly word: string;
  /** '' if it is not a flag. */
  readonly name: string;
  readonly value: string | undefined;
}

function wordsOf(argv: readonly string[]): readonly Word[] {
  const words: Word[] = [];
  for (const word of argv) {
    const last = words.at(-1);
    if (last?.name === 'root' && last.value === undefined) words[words.length - 1] = { ...last, value: word };
    else words.push({ word, ...optionWord(word) });
  }
  return words;
}

const wrong = (why: string): CommandLine => ({ text: `calico-install: ${why}\n${USAGE}`, status: 2 });
