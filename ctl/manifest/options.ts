import { optionWord } from '../command-line/option-word.ts';
import { UsageError } from '../command-line/usage-error.ts';

/** The options of `calico-install manifest`: what each takes, and what the help says. */
const OPTIONS = {
  datastore: ['kubernetes|etcd', 'where Calico keeps its data (default kubernetes)'],
  network: ['none|vxlan|bgp', 'routes between nodes: not made here, by VXLAN, or by BGP with BIRD (default none)'],
  pool: ['CIDR', 'network of the pods; may be repeated, also with IPv6'],
  'block-size': ['LENGTH', 'addresses go to nodes in blocks of /LENGTH (26; IPv6 122); once per family'],
  encapsulation: [
    'MODE',
    'None, IPIP, IPIPCrossSubnet, VXLAN or VXLANCrossSubnet (default None; with --network vxlan VXLAN)',
  ],
  'nat-outgoing': ['true|false', 'hide pods behind their node towards other networks (true; IPv6 false)'],
  'node-selector': ['SELECTOR', 'nodes that get addresses from the pools (default all())'],
  'from-installation': ['FILE', "take pools, folders and MTU from an operator's Installation; - is standard input"],
  image: ['REFERENCE', 'the image, as the nodes know it'],
  mtu: ['BYTES', 'MTU of the pods (default 0: found out by calico/node, else 1500)'],
  'cni-bin-dir': ['FOLDER', "the nodes' folder of plugins (default /opt/cni/bin)"],
  'cni-net-dir': ['FOLDER', "the nodes' folder of network configurations (default /etc/cni/net.d)"],
  'etcd-endpoints': ['URLS', 'etcd, with commas between'],
  'etcd-ca': ['FILE', "etcd's authority; for https"],
  'etcd-cert': ['FILE', 'certificate of the nodes for etcd'],
  'etcd-key': ['FILE', 'its key'],
  crds: ['with|only|none', 'the definitions of kinds with the rest, alone or left out (default with)'],
} as const;

export type OptionName = keyof typeof OPTIONS;

/** The given options, each with its values in order. */
export type Options = Readonly<Partial<Record<OptionName, readonly string[]>>>;

const REPEATED: readonly OptionName[] = ['pool', 'block-size'];

const lineOf = ([name, [takes, summary]]: [string, readonly [string, string]]): string =>
  `  ${`--${name} ${takes}`.padEnd(32)} ${summary}\n`;

export const HELP = `Usage: calico-install manifest [OPTIONS]

Prints what to apply with kubectl, so that every node gets the plugin and pods get addresses.
${Object.entries(OPTIONS).map(lineOf).join('')}
Examples:
  calico-install manifest --pool 10.244.0.0/16 > calico.yaml
  calico-install manifest --network vxlan --pool 10.244.0.0/16 > calico.yaml
  calico-install manifest --from-installation custom-resources.yaml > calico.yaml
  calico-install manifest --datastore etcd --etcd-endpoints http://10.0.0.1:2379 --pool 10.244.0.0/16 > calico.yaml
`;

const isName = (name: string): name is OptionName => Object.hasOwn(OPTIONS, name);

const HELPS = ['-h', '--help', 'help'];

/** Reads `--name value` and `--name=value`; undefined when help is asked for. Throws a UsageError. */
export function readOptions(argv: readonly string[]): Options | undefined {
  if (argv.some((word) => HELPS.includes(word))) return undefined;
  const options: Partial<Record<OptionName, readonly string[]>> = {};
  for (let at = 0; at < argv.length; at++) {
    const { name, value } = optionIn(argv[at] ?? '');
    const given = value ?? nextValue(argv[++at]);
    if (options[name] !== undefined && !REPEATED.includes(name)) throw new UsageError(`--${name} is given twice`);
    options[name] = [...(options[name] ?? []), required(name, given)];
  }
  return options;
}

/** The word after an option, unless it is the next option. */
const nextValue = (word: string | undefined): string | undefined => (word?.startsWith('--') ? undefined : word);

function optionIn(word: string): { readonly name: OptionName; readonly value: string | undefined } {
  const { name, value } = optionWord(word);
  if (!isName(name)) throw new UsageError(`Unknown argument ${JSON.stringify(word)}`);
  return { name, value };
}

function required(name: OptionName, given: string | undefined): string {
  if (given === undefined || given === '') throw new UsageError(`--${name} needs a value: ${OPTIONS[name][0]}`);
  return given;
}

/** The value of an option that is given at most once; '' without. */
export const one = (options: Options, name: OptionName): string => options[name]?.[0] ?? '';
