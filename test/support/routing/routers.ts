import { tools } from '../../../build/tools.ts';
import type { Release } from '../../../node/bird/release.ts';
import { type Host, startHost } from '../host/host.ts';
import { address6In, addressIn, plugIn, type Subnet, startRouter } from '../machines/wires.ts';
import { buildPartProgram, type RunningPart, startPart } from '../node/part.ts';
import type { StateText } from '../node/state-text.ts';

type Bgp = NonNullable<StateText['bgp']>;

/** A machine whose BIRD a part of `calicoctl node run` looks after. */
export interface RouterMachine {
  readonly name: string;
  readonly host: Host;
  readonly address: string;
  /** The part; another one after `startAgain`. */
  readonly part: RunningPart;
  /** Ends the part's process, and starts another. */
  startAgain(): void;
  /** Has the part bring about a state. */
  apply(blocks: Readonly<Record<string, string>>, bgp?: Partial<Bgp>): ReturnType<RunningPart['does']>;
  /** The kernel's route to a network, without what differs between releases; '' without one. */
  route(to: string): Promise<string>;
  /** What BIRD answers to a command. */
  birdc(command: string): Promise<string>;
  /** The pid of BIRD; '' when it does not run. */
  birdPid(): Promise<string>;
}

/** Machines at one router. */
export interface Routers {
  machine(name: string): RouterMachine;
  stop(): Promise<void>;
}

interface Wanted {
  readonly release: Release;
  readonly subnet?: Subnet;
  readonly start?: { readonly socket: string; readonly configuration: string };
  /** By `SECRET/KEY`. */
  readonly passwords?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
}

/** Starts machines with BIRD. A name's order gives its address: the first has number 1. */
export async function openRouters(
  wanted: Readonly<Record<string, Wanted>>,
  { hasIpv6 = false } = {},
): Promise<Routers> {
  const program = await buildPartProgram();
  const router = await startRouter();
  const entries = Object.entries(wanted);
  const nodes = entries.map(([name, { subnet = 1 }], at) => ({
    name,
    ipv4: `${addressIn(subnet, at + 1)}/24`,
    ...(hasIpv6 ? { ipv6: `${address6In(subnet, at + 1)}/64` } : {}),
  }));
  const machines = new Map<string, RouterMachine>();
  for (const [at, [name, { release, subnet = 1, start, env, passwords = {} }]] of entries.entries()) {
    const host = await startHost({ whole: true, script: '' });
    await plugIn(router, host, name, subnet, at + 1);
    machines.set(
      name,
      machineOf({
        name,
        host,
        address: addressIn(subnet, at + 1),
        release,
        nodes,
        start,
        passwords,
        more: env,
        file: program.file,
      }),
    );
  }
  return {
    machine: (name) => {
      const found = machines.get(name);
      if (found === undefined) throw new Error(`no machine ${name}`);
      return found;
    },
    stop: async () => {
      for (const { part, host } of machines.values()) {
        part.kill();
        await host.stop();
      }
      await router.stop();
      program.remove();
    },
  };
}

interface Made {
  readonly name: string;
  readonly host: Host;
  readonly address: string;
  readonly release: Release;
  readonly nodes: NonNullable<StateText['nodes']>;
  readonly start: Wanted['start'];
  readonly passwords: Wanted['passwords'];
  readonly more: Wanted['env'];
  readonly file: string;
}

function machineOf({ name, host, address, release, nodes, start, passwords = {}, more, file }: Made): RouterMachine {
  const folder = tools().birds?.[release] ?? '';
  const env = { ...process.env, PATH: `/run/first:${folder}:/usr/sbin:/usr/bin:/sbin:/bin`, ...more };
  const begin = () => startPart(file, host.enter(), { part: 'bird', passwords, ...start }, env);
  let part = begin();
  return {
    name,
    host,
    address,
    get part() {
      return part;
    },
    startAgain() {
      part.kill();
      part = begin();
    },
    apply: (blocks, bgp) =>
      part.does({
        apply: {
          node: name,
          nodes,
          pools: [{ cidr: '10.65.0.0/16' }, { cidr: 'fd65::/48' }],
          blocks: Object.entries(blocks).map(([cidr, node]) => ({ cidr, node })),
          bgp: { configurations: {}, peers: {}, ...bgp },
        },
      }),
    async route(to) {
      const family = to.includes(':') ? ['-6'] : [];
      const text = (await host.must('ip', [...family, 'route', 'show', to])).trim();
      return text.replace(/ metric \d+/, '').replace(/ pref medium$/, '');
    },
    async birdc(command) {
      const ran = await host.run(`${folder}/birdc`, ['-s', '/var/run/calico/bird.ctl', ...command.split(' ')]);
      return ran.stdout;
    },
    birdPid: async () =>
      (
        await host.run('sh', [
          '-c',
          'for p in /proc/[0-9]*; do tr "\\0" " " < $p/cmdline | grep -q "^[^ ]*sbin/bird6\\? -f" && basename $p; done',
        ])
      ).stdout.trim(),
  };
}
