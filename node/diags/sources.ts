/** What is collected of a machine. Names are those of the files in the archive. */
export interface Program {
  readonly name: string;
  readonly words: readonly string[];
}

const program = (name: string, line: string): Program => ({ name, words: line.split(' ') });

/** Programs that show the network; those that are missing are named in the summary. */
export const PROGRAMS: readonly Program[] = [
  program('system/uname', 'uname -a'),
  program('system/disks', 'df -h'),
  program('network/links', 'ip -d -s link show'),
  program('network/addresses', 'ip address show'),
  program('network/routes', 'ip -4 route show table all'),
  program('network/routes6', 'ip -6 route show table all'),
  program('network/rules', 'ip -4 rule show'),
  program('network/rules6', 'ip -6 rule show'),
  program('network/neighbours', 'ip neighbour show'),
  program('network/forwarding-entries', 'bridge fdb show'),
  program('network/namespaces', 'ip netns list'),
  program('network/sockets', 'ss -lntu'),
  program('network/limits', 'tc -s qdisc show'),
  program('firewall/nftables', 'nft list ruleset'),
  program('firewall/iptables', 'iptables-save -c'),
  program('firewall/ip6tables', 'ip6tables-save -c'),
  program('bird/version', 'bird --version'),
  program('bird/protocols', 'birdcl -s /var/run/calico/bird.ctl show protocols all'),
  program('bird/protocols6', 'birdcl -s /var/run/calico/bird6.ctl show protocols all'),
  program('bird/routes', 'birdcl -s /var/run/calico/bird.ctl show route all'),
  program('bird/routes6', 'birdcl -s /var/run/calico/bird6.ctl show route all'),
  program('logs/journal', 'journalctl --no-pager --lines 5000 --unit calico*'),
  program('logs/kernel', 'dmesg --ctime'),
];

/** Files as they are, without secrets. */
export const FILES: readonly string[] = [
  '/etc/os-release',
  '/etc/hosts',
  '/etc/resolv.conf',
  '/proc/loadavg',
  '/proc/meminfo',
  '/proc/uptime',
  '/proc/self/mounts',
  '/proc/net/dev',
  '/proc/net/snmp',
  '/proc/net/netstat',
  '/proc/sys/net/netfilter/nf_conntrack_count',
  '/proc/sys/net/netfilter/nf_conntrack_max',
];

/** Folders of which every file with one of these endings is collected. */
export const FOLDERS: readonly (readonly [folder: string, endings: readonly string[]])[] = [
  ['/etc/cni/net.d', ['.conf', '.conflist', '.json']],
  ['/etc/calico', ['.cfg', '.conf', '.yaml', '.yml']],
  ['/etc/calico/confd/config', ['.cfg']],
  ['/etc/bird', ['.conf']],
  ['/etc', ['bird.conf', 'bird6.conf']],
  ['/var/run/calico', ['.cfg', '.conf', '.json', '.state', '.pid']],
  ['/var/lib/calico', ['nodename', 'mtu', '.cfg', '.conf']],
  ['/var/lib/calico/cni-journal', ['']],
];

/** What has secrets of this machine’s programs: never collected, only read to know what must be nowhere else. */
export const SECRET_FILES: readonly string[] = [
  '/etc/cni/net.d/calico-kubeconfig',
  '/etc/calico/kubeconfig',
  '/root/.kube/config',
  '/var/run/secrets/kubernetes.io/serviceaccount/token',
];

/** Calicoctl’s own commands: of the datastore’s health, and with what is stored. */
export const COMMAND_LINES = {
  datastore: 'datastore check',
  stored: [
    'version',
    'ipam check --show-problem-ips',
    'ipam show --show-blocks --show-borrowed --show-configuration',
    'node ipam',
    'get nodes -o yaml',
    'get ippools -o yaml',
    'get ipreservations -o yaml',
    'get blockaffinities -o yaml',
    'get bgpconfigurations -o yaml',
    'get bgppeers -o yaml',
    'get bgpfilters -o yaml',
    'get felixconfigurations -o yaml',
    'get clusterinformations -o yaml',
  ],
} as const;
