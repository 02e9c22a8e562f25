import type { Args, Command } from '../../ctl/command-line/command.ts';
import type { Context } from '../../ctl/command-line/context.ts';
import { METHODS } from '../../ctl/init/detection-method.ts';

/** `calicoctl node run`. */
export const nodeRun: Command = {
  words: 'node run',
  summary: 'Route between this machine’s pods and those of other machines',
  about:
    'Registers this machine in the datastore and makes its routes until it is told to end (SIGTERM); routes and traffic then stay. ' +
    'It does what calico/node does for routes, with BIRD and without a container, and refuses to run beside it. Policy is not ' +
    'enforced. SIGHUP reads the settings of the datastore again. calico/node’s variables stand for the options: NODENAME, IP, IP6, ' +
    'AS, IP_AUTODETECTION_METHOD, IP6_AUTODETECTION_METHOD, CALICO_NETWORKING_BACKEND, NO_DEFAULT_POOLS, CALICO_IPV4POOL_CIDR …',
  options: [
    { flags: '--name <name>', summary: 'this node’s name (default: the nodename file, then the host name)' },
    {
      flags: '--ip <address>',
      summary:
        'this node’s IPv4 address; autodetect: look for it again every minute; none (default: the Node’s, else found once)',
    },
    { flags: '--ip6 <address>', summary: 'this node’s IPv6 address; autodetect, none (default: the Node’s)' },
    { flags: '--ip-autodetection-method <method>', summary: `how the IPv4 address is found: ${METHODS}` },
    { flags: '--ip6-autodetection-method <method>', summary: 'the same for IPv6' },
    { flags: '--as <number>', summary: 'this node’s AS number (default: the Node’s, else that of BGPConfiguration)' },
    { flags: '--no-default-ippools', summary: 'do not create an IP pool where there is none' },
    { flags: '--backend <name>', summary: 'bird (default), or vxlan: no BGP' },
    {
      flags: '--bird-socket <path>',
      summary: 'the control socket of a BIRD that runs already; without it, BIRD is started here',
    },
    { flags: '--bird-config <file>', summary: 'the file which that BIRD reads; it is overwritten' },
    { flags: '--ready', summary: 'ask the running process whether it is ready' },
    { flags: '--live', summary: 'ask whether it is alive' },
    { flags: '--node-image <image>', summary: 'no effect: no container is started' },
    { flags: '--log-dir <folder>', summary: 'no effect: all is said on standard output and standard error' },
    { flags: '--init-system', summary: 'no effect: the process stays in the foreground' },
    { flags: '--dryrun', summary: 'refused: see calicoctl node unit' },
    { flags: '--felix-config <file>', summary: 'refused: Felix is not started' },
  ],
  examples: [
    { what: 'Every machine', line: 'node run' },
    {
      what: 'A machine with several networks',
      line: 'node run --ip=autodetect --ip-autodetection-method=interface=bond4,eth0',
    },
  ],
  run,
};

async function run(context: Context, args: Args): Promise<number> {
  const { askNode, nodeParts, runNode } = await import('../main.ts');
  const probe = args.flag('ready') ? 'ready' : args.flag('live') ? 'live' : undefined;
  return probe === undefined ? runNode(context, args, nodeParts) : askNode(context, probe);
}
