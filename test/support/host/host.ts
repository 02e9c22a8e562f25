import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { execa } from 'execa';

/** The result of a program: its exact output, and the exit status, undefined when a signal ended it. */
export interface Ran {
  readonly exit: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
  readonly millis: number;
}

interface RunOptions {
  /** The whole environment; by default the test's. */
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
  /** Milliseconds until SIGKILL. */
  readonly killAfter?: number;
}

/** A machine: network and mount namespaces, with empty /run/netns and Calico folders. */
export interface Host {
  /** The process that holds the namespaces open. */
  readonly pid: number;
  run(program: string, args: readonly string[], options?: RunOptions): Promise<Ran>;
  /** The same, but a failure throws: for preparing a test. */
  must(program: string, args: readonly string[]): Promise<string>;
  /** The path of a file of this machine for the test itself. */
  file(path: string): string;
  /** The command line that runs something on this machine. */
  enter(): readonly string[];
  stop(): Promise<void>;
}

const FOLDERS = [
  '/run/netns',
  '/run/calico-test',
  '/var/lib/calico',
  '/var/lib/cni',
  '/var/run/calico',
  '/var/log/calico',
];

/** Nothing left from anybody else. */
const FURNISH = `
mount -t tmpfs tmpfs /run 2>/dev/null || true
for d in ${FOLDERS.join(' ')}; do mkdir -p "$d"; mount -t tmpfs -o mode=755 tmpfs "$d"; done
ip link set lo up`;

/**
 * The recorder's machine: an uplink with an address, and forwarding on. Its default route leads nowhere, but without one the
 * kernel answers no ARP for 169.254.1.1.
 */
const RECORDERS = `
ip -batch - <<END
link add uplink type veth peer name uplink0
link set uplink0 up
addr add 10.0.0.1/24 dev uplink
link set uplink up
route add default via 10.0.0.254 dev uplink
END
echo 1 > /proc/sys/net/ipv4/ip_forward`;

/** A shell that waits, and so takes note of the end of every process without a parent. */
const HOLD = `
echo ready
cat
exit 0`;

const SANE_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Another machine than the recorder's. */
interface Setup {
  /** Also processes and a host name of its own. */
  readonly whole: boolean;
  /** Lines for the shell, once there are empty folders. */
  readonly script: string;
}

/** Starts a machine; it ends with the test process at the latest, its standard input being the leash. */
export async function startHost({ whole, script }: Setup = { whole: false, script: RECORDERS }): Promise<Host> {
  const own = ['--net', '--mount', ...(whole ? ['--uts', '--pid', '--fork', '--mount-proc'] : [])];
  const holder = spawn('unshare', [...own, 'sh', '-ec', `${FURNISH}${script}${HOLD}`], {
    env: { ...process.env, PATH: SANE_PATH },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  await untilReady(holder);
  const pid = holder.pid ?? 0;
  const namespace = (option: string, name: string) => `--${option}=/proc/${pid}/ns/${name}`;
  const more = whole ? [namespace('uts', 'uts'), namespace('pid', 'pid_for_children')] : [];
  const enter = ['nsenter', namespace('net', 'net'), namespace('mount', 'mnt'), ...more, '--'];
  const run = (program: string, args: readonly string[], options?: RunOptions) =>
    runProgram([...enter, program, ...args], options);
  return {
    pid,
    run,
    must: async (program, args) => {
      const ran = await run(program, args);
      if (ran.exit !== 0) throw new Error(`${program} ${args.join(' ')}: exit ${ran.exit}\n${ran.stdout}${ran.stderr}`);
      return ran.stdout;
    },
    file: (path) => `/proc/${pid}/root${path}`,
    enter: () => enter,
    stop: async () => {
      if (holder.exitCode !== null) return;
      holder.stdin?.end();
      await once(holder, 'exit');
    },
  };
}

async function untilReady(holder: ChildProcess): Promise<void> {
  const said = await new Promise<string>((resolve, reject) => {
    holder.stdout?.once('data', (data: Buffer) => resolve(data.toString()));
    holder.once('error', reject);
    holder.once('exit', (code) => reject(new Error(`cannot make a network and mount namespace: exit ${code}`)));
  });
  if (said !== 'ready\n') throw new Error(`the machine's preparation said ${said}`);
}

async function runProgram(words: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const started = performance.now();
  const [program = '', ...args] = words;
  const running = execa(program, args, {
    reject: false,
    stripFinalNewline: false,
    extendEnv: options.env === undefined,
    env: options.env ?? { PATH: SANE_PATH },
    input: options.input ?? '',
  });
  const timer =
    options.killAfter === undefined ? undefined : setTimeout(() => running.kill('SIGKILL'), options.killAfter);
  const { exitCode, stdout, stderr } = await running;
  clearTimeout(timer);
  return { exit: exitCode, stdout, stderr, millis: performance.now() - started };
}
