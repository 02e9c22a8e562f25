import type { Rollback } from '../../shared/call/rollback.ts';
import type { Call } from '../../shared/cni/skel.ts';
import type { Session } from './session.ts';

/** An ADD that has its session; what it makes from here on is to be undone should it fail. */
export interface Acquired {
  readonly session: Session;
  readonly call: Call;
  readonly undo: Rollback;
}
