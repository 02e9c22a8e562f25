import { transact } from '../../shared/datastore/transaction.ts';
import { Failure } from '../../shared/error/failure.ts';
import { existingEndpoint } from '../decide/existing-endpoint.ts';
import type { ContainerTurn } from './container-turn.ts';
import type { Session } from './session.ts';

/** Throws error 11 when a DEL of the container is waiting, so that the ADD is undone. */
export function requireNotOvertaken(turn: ContainerTurn): void {
  if (turn.isOvertaken()) throw overtaken('a DEL of the same container is waiting for this ADD');
}

/** The same at the end of the ADD. Without a lock it checks in the datastore whether a concurrent DEL deleted the endpoint. */
export async function requireStanding(session: Session, turn: ContainerTurn): Promise<void> {
  requireNotOvertaken(turn);
  if (turn.isOwn) return;
  const { identity } = session;
  const found = await transact(session, () => existingEndpoint(identity));
  if (found === undefined) throw overtaken('its endpoint has been deleted from the datastore');
}

const overtaken = (how: string): Failure =>
  new Failure('try again later', 'the container was deleted while it was being added', {
    where: `${how}; the ADD was undone`,
  });
