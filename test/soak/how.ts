import { type Chance, pick } from '../support/inputs/chance.ts';
import type { Conf } from '../support/stored/cluster.ts';

/** How a call is made, whatever its purpose. */
export interface How {
  /** Milliseconds until it is killed. Undefined if it is not. */
  readonly killAfter: number | undefined;
  readonly conf: Conf;
  readonly env: Readonly<Record<string, string>>;
}

/** How often a call is killed, and how late at most. */
const KILLED = 0.1;
const LATEST_KILL_MS = 120;
/** No server listens here. */
const NOWHERE = 'http://127.0.0.1:9';

/** Undisturbed, with `endpoints` in the configuration. */
export const plainly = (endpoints: string): How => ({
  killAfter: undefined,
  conf: { etcd_endpoints: endpoints },
  env: {},
});

/** Random: killed or not, and one of etcd's spellings in one of the places where it may be configured. */
export function drawHow(random: Chance, endpoints: readonly string[]): How {
  const killAfter = random() < KILLED ? random() * LATEST_KILL_MS : undefined;
  const text = pick(random, endpoints);
  const place = pick(random, [
    plainly(text),
    { conf: { etcd_endpoints: undefined }, env: { ETCD_ENDPOINTS: text } },
    { conf: { etcd_endpoints: NOWHERE }, env: { CALICO_ETCD_ENDPOINTS: text } },
  ]);
  return { ...place, killAfter };
}
