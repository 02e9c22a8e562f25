import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { tools } from '../../../build/tools.ts';
import type { Host } from '../host/host.ts';
import type { Machine } from './machine.ts';

const FOLDER = '/run/calico-test';

interface RackOptions {
  readonly asNumber: number;
  /** Of the machines. */
  readonly theirs: number;
  readonly password: string;
}

/** A router of a rack, with a BIRD that takes every route of the machines, and a password for each session. */
export interface TopOfRack {
  /** What BIRD answers to a command. */
  ask(...words: readonly string[]): Promise<string>;
}

/** Starts it on the router of the machines. It ends with the test process at the latest. */
export function startTopOfRack(router: Host, machines: readonly Machine[], options: RackOptions): TopOfRack {
  const folder = tools().birds?.[2] ?? '';
  writeFileSync(router.file(`${FOLDER}/rack.conf`), configuration(machines, options));
  const [enter = '', ...words] = router.enter();
  const bird = [`${folder}/bird`, '-f', '-c', `${FOLDER}/rack.conf`, '-s', `${FOLDER}/rack.ctl`];
  spawn(enter, [...words, 'setpriv', '--pdeathsig', 'KILL', ...bird], { stdio: 'ignore' });
  return { ask: (...command) => router.must(`${folder}/birdc`, ['-s', `${FOLDER}/rack.ctl`, ...command]) };
}

const configuration = (machines: readonly Machine[], { asNumber, theirs, password }: RackOptions): string => `
router id 172.16.0.1;
protocol device { }
protocol kernel { ipv4 { import none; export all; }; }
protocol kernel { ipv6 { import none; export all; }; }
${machines
  .map(
    ({ name, address, address6 }) => `
protocol bgp ${name} {
  local as ${asNumber};
  neighbor ${address} as ${theirs};
  password "${password}";
  ipv4 { import all; export none; };
}
protocol bgp ${name}_6 {
  local as ${asNumber};
  neighbor ${address6} as ${theirs};
  password "${password}";
  ipv6 { import all; export none; };
}`,
  )
  .join('')}
`;
