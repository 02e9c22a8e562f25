/** Fuzzers of a runtime's input: standard input, environment, prevResult. */

import { violations } from '../support/invariants/invariants.ts';
import type { Dump } from '../support/invariants/ipam-dump.ts';
import { COMMANDS, CONF, cluster, environment } from './cluster.ts';
import type { Draw } from './draw.ts';
import { brokenText, hostileJson, hostileText } from './hostile.ts';
import { type Outcome, servedCall } from './judge.ts';

/** All of standard input is hostile. */
export async function stdin(draw: Draw): Promise<void> {
  const command = draw.pick([...COMMANDS, 'ADD', 'VERSION'] as const);
  judgeStore(await servedCall(environment(command, draw.pick(['c1', 'c9'])), hostileJson(draw, CONF), await cluster()));
}

const CNI_ARGS =
  'IgnoreUnknown=1;K8S_POD_NAMESPACE=prod;K8S_POD_NAME=web-0;IP=10.0.0.2;MAC=02:00:00:00:00:09;CNI_TEST_NAMESPACE=x';

/** Environment variables are hostile, within what a kernel passes on. */
export async function env(draw: Draw): Promise<void> {
  const full: Record<string, string> = {
    ...environment(draw.pick(COMMANDS), draw.pick(['c1', 'c9'])),
    CNI_ARGS: draw.once(2) ? CNI_ARGS : '',
    CNI_NETNS_OVERRIDE: '',
    FELIX_INTERFACEPREFIX: 'cali,tap',
    CALICO_ETCD_ENDPOINTS: 'http://127.0.0.1:1',
    DATASTORE_TYPE: '',
  };
  const names = Object.keys(full) as [string, ...string[]];
  for (let change = draw.below(3); change >= 0; change--) {
    const name = draw.once(3) ? 'CNI_ARGS' : draw.pick(names);
    const value = draw.once(2) ? hostileText(draw) : brokenText(draw, full[name] ?? '');
    full[name] = value.replaceAll('\0', '');
  }
  // A runtime without pods, since requests to the API server have their own fuzzer.
  judgeStore(await servedCall(full, JSON.stringify(CONF), await cluster()));
}

/** A CHECK whose prevResult is hostile. */
export async function prevResult(draw: Draw): Promise<void> {
  const text = JSON.stringify({ ...CONF, prevResult: '@prevResult@' });
  const hostile = hostileJson(draw, CONF.prevResult);
  judgeStore(
    await servedCall(
      environment('CHECK', 'c1'),
      text.replace('"@prevResult@"', () => hostile),
      await cluster(),
    ),
  );
}

/** No partial change: an ADD that fails leaves nothing, and everything written keeps the invariants. */
export function judgeStore({ status, before, after, stdout }: Outcome): void {
  if (isSame(before, after)) return;
  if (status !== 0) throw new Error(`failed, and changed the store: ${stdout}`);
  const broken = violations(after);
  if (broken.length > 0) throw new Error(`invariants broken: ${broken.join('; ')}`);
}

export function isSame(one: Dump, other: Dump): boolean {
  const keys = Object.keys(one);
  return keys.length === Object.keys(other).length && keys.every((key) => one[key] === other[key]);
}
