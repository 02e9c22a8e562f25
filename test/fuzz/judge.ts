import { serve } from '../../shared/cni/skel.ts';
import { inTurn } from '../../shared/datastore/in-turn.ts';
import { readEtcdConfig } from '../../shared/etcd/config.ts';
import { parseAddress } from '../../shared/net/address.ts';
import { parseCidr } from '../../shared/net/cidr.ts';
import { connect } from '../support/fake-datastore/connection.ts';
import { type FakeStore, fakeStore } from '../support/fake-datastore/fake-store.ts';
import { NO_QUEUE } from '../support/fake-datastore/no-queue.ts';
import { fakeWorld } from '../support/host/fake-world.ts';
import type { Dump } from '../support/invariants/ipam-dump.ts';
import { type KernelWork, modelVerbs, type Surroundings } from './model-verbs.ts';
import { requireOwnWords } from './own-words.ts';

/** The state after a call. */
export interface Outcome {
  readonly status: number;
  readonly stdout: string;
  readonly before: Dump;
  readonly after: Dump;
  readonly model: FakeStore;
}

/** Serves one call on an etcd with this content. */
export async function servedCall(
  env: Readonly<Record<string, string>>,
  stdin: string,
  content: Dump,
  pod?: Surroundings['pod'],
): Promise<Outcome> {
  const model = fakeStore(content);
  const open: Surroundings['open'] = (conf, given) => {
    readEtcdConfig(conf, given);
    return { datastore: 'etcdv3', store: inTurn(connect(model), NO_QUEUE) };
  };
  const said = await judgedCall(env, stdin, { open, ...(pod === undefined ? {} : { pod }) });
  return { ...said, before: content, after: model.dump(), model };
}

/** Serves one call, and checks the rules that hold for every call and any input. */
export async function judgedCall(
  env: Readonly<Record<string, string>>,
  stdin: string,
  around: Omit<Surroundings, 'onKernelWork'>,
): Promise<Pick<Outcome, 'status' | 'stdout'>> {
  // No call may write to the machine that runs the fuzzer.
  const world = fakeWorld({ ...env }, stdin.replace(/log_file_path/gi, 'log_file_pass'));
  const status = await serve(world, modelVerbs({ ...around, onKernelWork: judgeKernelWork }));
  judgeAnswer(env['CNI_COMMAND'] ?? '', status, world.out(), world.err());
  requireOwnWords(world.out() + world.err());
  return { status, stdout: world.out() };
}

/** One JSON object on stdout, either an error with code and message or the verb's result, and no internal error. */
function judgeAnswer(command: string, status: number, stdout: string, stderr: string): void {
  const internal = /internal error while .*/.exec(stderr);
  if (internal !== null) throw new Error(`an internal error: ${internal[0]}`);
  if (status === 0) judgeResult(command, stdout);
  else if (status === 1) judgeError(JSON.parse(stdout), stdout);
  else throw new Error(`status ${status}`);
}

function judgeResult(command: string, stdout: string): void {
  if (['ADD', 'VERSION'].includes(command) !== (stdout !== ''))
    throw new Error(`${command} says ${stdout || 'nothing'}`);
  if (stdout !== '' && typeof JSON.parse(stdout) !== 'object') throw new Error(`no result: ${stdout}`);
}

function judgeError({ code, msg, details, ...rest }: Readonly<Record<string, unknown>>, stdout: string): void {
  if (!Number.isInteger(code) || Number(code) <= 0) throw new Error(`code ${code}`);
  if (typeof msg !== 'string' || msg === '' || Object.keys(rest).length > 0)
    throw new Error(`not one sentence: ${stdout}`);
  if (/\n\s+at /.test(`${msg}${details}`)) throw new Error(`a stack trace: ${stdout}`);
}

/**
 * An operator's own prefix (FELIX_INTERFACEPREFIX) may start with a dash. Programs get such a name only after `dev`.
 */
const NAME = /^(?!\.{1,2}$)[a-zA-Z0-9_.-]{1,15}$/;
const SYSCTL = /^net\/ipv[46]\/(?:ip_forward|(?:conf|neigh)\/(?!\.{1,2}\/)[a-zA-Z0-9_.-]+\/[a-z_0-9]+)$/;
const MAC = /^[0-9a-f]{2}(?::[0-9a-f]{2}){5}$/i;

/** Only plain names, addresses and MACs reach the kernel, and no path leads elsewhere. */
function judgeKernelWork({ steps, sysctls }: KernelWork): void {
  const strange = steps.filter((step) => !isPlain(step));
  if (strange.length > 0) throw new Error(`the kernel would get ${JSON.stringify(strange)}`);
  const stray = sysctls.find(({ path, value }) => !SYSCTL.test(path) || !/^[01]$/.test(value));
  if (stray !== undefined) throw new Error(`a sysctl: ${JSON.stringify(stray)}`);
}

function isPlain(step: KernelWork['steps'][number]): boolean {
  switch (step.make) {
    case 'veth':
      return [step.here, step.there].every(
        ({ name, mac, mtu, queues }) => NAME.test(name) && MAC.test(mac) && Number.isInteger(mtu) && queues > 0,
      );
    case 'netkit':
      return [step.here, step.there].every(({ name, mtu }) => NAME.test(name) && mtu >= 0);
    case 'mac':
      return NAME.test(step.name) && MAC.test(step.mac);
    case 'address':
      return NAME.test(step.on) && parseAddress(step.address.address)?.family === step.address.family;
    case 'route':
      return NAME.test(step.over) && parseCidr(step.route.dst)?.family === step.route.family;
    case 'unroute':
      return NAME.test(step.route.over ?? '-') && parseCidr(step.route.dst)?.family === step.route.family;
    default:
      return NAME.test(step.name) && Number.isInteger(step.mtu);
  }
}
