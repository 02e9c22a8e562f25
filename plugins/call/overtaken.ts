import { transact } from '../../shared/datastore/transaction.ts';
import { Failure } from '../../shared/error/failure.ts';
import { existingEndpoint } from '../decide/existing-endpoint.ts';
import type { ContainerTurn } from './container-turn.ts';
import type { Session } from './session.ts';

/** Ends an ADD whose container is being deleted already: fails with 'try again later', so that all of it is undone. */
export function requireNotOvertaken(turn: ContainerTurn): void {
  if (turn.isOvertaken()) throw overtaken('a DEL of the same container waits for this ADD to end');
}

/** The same once the ADD is done; without a turn of its own it asks the datastore whether a DEL beside it has taken the endpoint away. */
export async function requireStanding(session: Session, turn: ContainerTurn): Promise<void> {
  requireNotOvertaken(turn);
  if (turn.isOwn) return;
  const { identity } = session;
  const found = await transact(session, () => existingEndpoint(identity));
  if (found === undefined) throw overtaken('its endpoint is gone from the datastore again');
}

const overtaken = (how: string): Failure =>
  new Failure('try again later', 'the container was deleted while it was being added', {
    where: `${how}; all is undone`,
  });
