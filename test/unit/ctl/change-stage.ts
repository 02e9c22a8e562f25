import { expect } from 'vitest';
import { initialise } from '../../../ctl/change/initialise.ts';
import { remove } from '../../../ctl/change/remove.ts';
import { type Manner, write } from '../../../ctl/change/write.ts';
import { kindNamed } from '../../../ctl/kinds/kinds.ts';
import type { Fields, Named } from '../../../ctl/resource/resource.ts';
import { transact } from '../../../shared/datastore/transaction.ts';
import type { Outcome, Plan } from '../../../shared/datastore/view.ts';
import { silent } from '../../../shared/log/log.ts';
import { type Connection, connected } from '../../support/fake-datastore/connection.ts';
import { fakeWorld } from '../../support/host/fake-world.ts';

export const RESOURCES = '/calico/resources/v3/projectcalico.org';
export const stamp = { now: 0n, uid: () => 'u' };
export const run = <A>(store: Connection, plan: () => Plan<Outcome<A>>) =>
  transact({ store, world: fakeWorld({}), log: silent, deadline: 1_000 }, plan);

export const known = (name: string) => {
  const found = kindNamed(name);
  if (found === undefined) throw new Error(`no kind ${name}`);
  return found;
};

export async function cluster(): Promise<Connection> {
  const store = connected({});
  await run(store, () => initialise(stamp));
  return store;
}

export function put(store: Connection, kindName: string, named: Named, spec: Fields, manner: Manner = 'apply') {
  const kind = known(kindName);
  const given = { kind: kindName, apiVersion: 'projectcalico.org/v3', metadata: named, spec };
  const request = { manner, kind, given, stamp };
  return run(store, () => write(request));
}

export const drop = (store: Connection, kindName: string, named: Named) =>
  run(store, () => remove(known(kindName), named));

export const refusal = (message: string) => expect.objectContaining({ message });
