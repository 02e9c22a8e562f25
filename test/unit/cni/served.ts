import type { Result } from '../../../shared/cni/result.ts';
import { serve, type Verbs } from '../../../shared/cni/skel.ts';
import { ALL_VERSIONS } from '../../../shared/cni/version.ts';
import { fakeWorld } from '../../support/host/fake-world.ts';

const RESULT: Result = { interfaces: [], ips: [{ address: '10.0.0.1/32' }], routes: [] };
/** What a runtime sets in addition to CNI_COMMAND. */
export const ENV = {
  CNI_CONTAINERID: 'c1',
  CNI_NETNS: '/var/run/netns/pod1',
  CNI_IFNAME: 'eth0',
  CNI_PATH: '/opt/cni/bin:/usr/lib/cni',
};

function verbs(called: string[], changes: Partial<Verbs> = {}): Verbs {
  const note = (verb: string) => async () => void called.push(verb);
  return {
    about: 'Calico CNI plugin v0',
    component: 'cni-plugin',
    supported: ALL_VERSIONS,
    unversioned: '0.2.0',
    add: async (_call, answer) => {
      called.push('ADD');
      answer(RESULT);
    },
    del: note('DEL'),
    check: note('CHECK'),
    status: note('STATUS'),
    gc: note('GC'),
    ended: async () => {},
    ...changes,
  };
}

/** One call of a plugin that records which verbs were called. */
export async function call(env: Record<string, string>, stdin: string | object, changes: Partial<Verbs> = {}) {
  const called: string[] = [];
  const world = fakeWorld(env, typeof stdin === 'string' ? stdin : JSON.stringify(stdin));
  const status = await serve(world, verbs(called, changes));
  return { status, out: world.out(), err: world.err(), called, world };
}

/** A network configuration, with or without a version. */
export const conf = (cniVersion?: string) => ({ name: 'net1', ...(cniVersion && { cniVersion }) });

/** An error as it must be printed. */
export function refusal(code: number, msg: string, details?: string): string {
  return JSON.stringify({ code, msg, ...(details && { details }) }, null, 4);
}
