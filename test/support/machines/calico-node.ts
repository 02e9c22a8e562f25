import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { tools } from '../../../build/tools.ts';
import { until } from '../install/watching.ts';
import type { Machine } from './machine.ts';

/** The original's calico/node on a machine, for VXLAN: what it does once at its start, and Felix. */
export interface CalicoNode {
  /** All that it has printed. */
  output(): string;
  /** Ends Felix as a crash does. */
  kill(): Promise<void>;
  /** Starts Felix again, and waits until it is ready. */
  start(): Promise<void>;
  /** Runs another of the original's programs on this machine. Throws unless it succeeds. */
  said(program: string, line: string): Promise<string>;
  /** Runs a line in a shell that finds the programs that Felix finds. */
  shell(line: string): Promise<void>;
}

/** Says its number on the machine first. */
const START = 'echo $$; exec "$@"';

/** The original's programs. Throws where they are not built. */
export const original = () => {
  const found = tools().original;
  if (found === undefined) throw new Error('started without `npm run original`');
  return found;
};

/** The settings of the original's programs on a machine. */
function originalEnv({ env, name }: Machine): Readonly<Record<string, string>> {
  const { DATASTORE_TYPE = '', ETCD_ENDPOINTS = '' } = env;
  return {
    ...env,
    PATH: `${original().path}:${env['PATH']}`,
    NODENAME: name,
    CALICO_NETWORKING_BACKEND: 'vxlan',
    NO_DEFAULT_POOLS: 'true',
    FELIX_FELIXHOSTNAME: name,
    FELIX_DATASTORETYPE: DATASTORE_TYPE,
    FELIX_ETCDENDPOINTS: ETCD_ENDPOINTS,
    FELIX_LOGSEVERITYSCREEN: 'info',
    FELIX_LOGFILEPATH: 'none',
    FELIX_HEALTHENABLED: 'true',
    FELIX_USAGEREPORTINGENABLED: 'false',
    FELIX_DEFAULTENDPOINTTOHOSTACTION: 'ACCEPT',
    FELIX_IPV6SUPPORT: 'true',
  };
}

/** Runs one of the original's programs to its end. Throws unless it succeeds. */
export async function originalSaid(machine: Machine, program: string, line: string, input = ''): Promise<string> {
  const env = originalEnv(machine);
  const ran = await machine.host.run(`${original().bin}/${program}`, line.split(' '), { env, input });
  if (ran.exit === 0) return ran.stdout;
  throw new Error(`${machine.name}: ${program} ${line}: exit ${ran.exit}\n${ran.stdout}${ran.stderr}`);
}

/** Starts it, and waits until Felix is ready. It ends with the machine at the latest. */
export async function startCalicoNode(machine: Machine): Promise<CalicoNode> {
  const said: string[] = [];
  said.push(await originalSaid(machine, 'calico-node', '-startup'));
  said.push(await originalSaid(machine, 'calico-node', '-allocate-tunnel-addrs -allocate-tunnel-addrs-run-once'));
  let felix = await startFelix(machine, said);
  return {
    output: () => said.join(''),
    kill: () => felix.kill(),
    start: async () => {
      felix = await startFelix(machine, said);
    },
    said: (program, line) => originalSaid(machine, program, line),
    shell: async (line) => void (await machine.host.must('sh', ['-ec', `PATH=${original().path}:$PATH; ${line}`])),
  };
}

async function startFelix(machine: Machine, said: string[]): Promise<{ kill(): Promise<void> }> {
  const [enter = '', ...words] = machine.enter();
  const line = [...words, 'sh', '-c', START, 'sh', `${original().bin}/calico-node`, '-felix'];
  const child = spawn(enter, line, { env: originalEnv(machine), stdio: ['ignore', 'pipe', 'pipe'] });
  const [first] = await once(child.stdout, 'data');
  const pid = String(first).trim();
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (part) => void said.push(String(part)));
  const ended = once(child, 'exit');
  const isReady = async () =>
    (await machine.host.run(`${original().bin}/calico-node`, ['-felix-ready'], { env: originalEnv(machine) })).exit ===
    0;
  await until(isReady, () => `Felix is ready on ${machine.name}: ${said.join('').slice(-5000)}`);
  return {
    kill: async () => {
      await machine.host.must('sh', ['-c', `kill -KILL ${pid}`]);
      await ended;
    },
  };
}
