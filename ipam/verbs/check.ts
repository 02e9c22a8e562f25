import type { NetConf } from '../../shared/cni/netconf.ts';
import type { Result } from '../../shared/cni/result.ts';
import { resultOf } from '../../shared/cni/result-read.ts';
import type { Call } from '../../shared/cni/skel.ts';
import { transact } from '../../shared/datastore/transaction.ts';
import { Failure, failure } from '../../shared/error/failure.ts';
import { missingFromAll } from '../block/missing-addresses.ts';
import { openSession, type Session } from '../call/session.ts';
import { withCheckedMachine } from '../call/with-machine.ts';

/** CNI CHECK of `calico-ipam`: this container's handle must hold every address in prevResult; the error lists those missing. */
export async function check(call: Call): Promise<void> {
  const previous = requirePrevResult(call.conf);
  const opened = await openSession(call);
  try {
    const session = await withCheckedMachine(opened);
    const addresses = previous.ips.map(({ address }) => address.split('/')[0] ?? '');
    const faults = await transact(session, () =>
      missingFromAll(handlesOf(session.machine, session.handleID), addresses),
    );
    if (faults.length > 0) throw checkFailed(faults);
  } finally {
    opened.store.close();
  }
}

/** Which handles may hold the addresses: the container's, or that of the virtual machine whose pod it is. */
export const handlesOf = (machine: Session['machine'] | undefined, handleID: string): readonly string[] =>
  machine === undefined ? [handleID] : [machine.handleID, handleID];

/** The result of ADD, which the runtime must pass to CHECK (spec 1.1.0, CHECK). */
export function requirePrevResult(conf: NetConf): Result {
  if (conf.prevResult !== undefined && conf.prevResult !== null) return resultOf(conf.prevResult, 'prevResult');
  throw new Failure('invalid network configuration', 'CHECK needs prevResult in the network configuration');
}

/** CHECK's error: the first fault is the message, the others are in the details. */
export function checkFailed(faults: readonly string[]): Error {
  const [first, ...others] = faults;
  const cure = 'repeat the ADD, which repairs what it can, or DEL and ADD again';
  return failure(`${first}`, [...others, cure].join('; '));
}
