import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { execa } from 'execa';
import { startEtcd } from './etcd.ts';
import { prepared } from './prepared.ts';
import { say } from './say.ts';
import type { Tools } from './tools.ts';

/**
 * `npm run cni -- ADD [CHECK … DEL] [conf.json]`: calls the plugin for one container, verb after verb, on a throw-away
 * host with its own etcd. Results go to stdout, logs and the state afterwards to stderr.
 */
const NODE = 'node1';
/** The state after a verb, as a person would inspect it. */
const LOOK = 'ip -n pod -br addr; ip -n pod route; ip route; etcdctl get --prefix /calico --keys-only | grep .';

type Conf = Record<string, unknown>;

const isVerb = (word: string) => /^[A-Z]+$/.test(word);

/**
 * The user's configuration, adapted to this host. npm changed to the checkout, but the path is relative to the user's
 * directory.
 */
function readConf(path: string | undefined, endpoint: string): Conf {
  const given =
    path === undefined ? {} : JSON.parse(readFileSync(resolve(process.env['INIT_CWD'] ?? '.', path), 'utf8'));
  const defaults = { cniVersion: '1.0.0', name: 'net1', type: 'calico', ipam: { type: 'calico-ipam' } };
  return { nodename: NODE, nodename_file_optional: true, ...defaults, ...given, etcd_endpoints: endpoint };
}

/**
 * Calls the plugin with the environment that a runtime sets. An ADD's result goes into `conf`. Returns the exit
 * status.
 */
async function call(verb: string, conf: Conf, { bin, plugins }: Tools): Promise<number> {
  const variables = { CNI_CONTAINERID: '0123456789abcdef', CNI_NETNS: '/var/run/netns/pod', CNI_IFNAME: 'eth0' };
  const env = { ...variables, CNI_COMMAND: verb, CNI_PATH: `${bin}:${plugins}` };
  const program = `${bin}/${conf['type'] === 'calico-ipam' ? 'calico-ipam' : 'calico'}`;
  const ran = await execa(program, { env, input: JSON.stringify(conf), reject: false, stderr: 'inherit' });
  if (ran.stdout !== '') console.log(ran.stdout);
  if (verb === 'ADD' && ran.exitCode === 0) conf['prevResult'] = JSON.parse(ran.stdout);
  say(`# ${verb}: status ${ran.exitCode}, ${ran.durationMs.toFixed(0)} ms; now:`);
  return ran.exitCode ?? 1;
}

async function callAll(words: readonly string[], tools: Tools, endpoint: string): Promise<number> {
  const env = {
    PATH: `${dirname(tools.etcdctl)}:${process.env['PATH']}`,
    ETCDCTL_API: '3',
    ETCDCTL_ENDPOINTS: endpoint,
  };
  const init = ['init', '--cidr=192.168.0.0/16', `--node=${NODE}`, '--ip=none'];
  await execa(`${tools.bin}/calicoctl`, init, { env: { ETCD_ENDPOINTS: endpoint } });
  await execa('ip', ['netns', 'add', 'pod']);
  const conf = readConf(
    words.find((word) => !isVerb(word)),
    endpoint,
  );
  let status = 0;
  for (const verb of words.filter(isVerb)) {
    status = await call(verb, conf, tools);
    await execa('sh', ['-c', LOOK], { env, reject: false, stdout: 2, stderr: 2 });
    if (status !== 0) break;
  }
  return status;
}

await prepared(async (tools) => {
  const etcd = await startEtcd(tools, process.env['TMPDIR'] ?? '');
  try {
    return await callAll(process.argv.slice(2), tools, etcd.endpoint);
  } finally {
    await etcd.stop();
  }
});
