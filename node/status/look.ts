import { names } from '../../ipam/journal/journal-files.ts';
import { askBird } from '../bird/control.ts';
import { DEFAULT_SOCKET, sixth } from '../bird/places.ts';
import { releaseIn } from '../bird/release.ts';
import type { BirdReply, Silence } from '../bird/reply.ts';
import { runningInstance } from '../run/instance.ts';
import { machinePrograms } from '../run/machine-programs.ts';
import { refusalBeside } from '../run/other-programs.ts';
import type { FamilyStatus, NodeStatus } from './node-status.ts';
import { announcedIn, peersIn } from './peers.ts';

const LIMIT_MS = 2_000;
/** As the original: where calico/node's BIRD is, and where one is that was installed by itself. */
const SOCKETS = [DEFAULT_SOCKET, '/var/run/bird/bird.ctl'];

/** Asks the machine. `socket`: another BIRD's. */
export async function lookAtNode(socket: string | undefined): Promise<NodeStatus> {
  const sockets = socket === undefined ? SOCKETS : [socket];
  const four = await answerOf(sockets);
  const isBoth = typeof four !== 'string' && releaseIn(four.reply.greeting) === 2;
  const six = isBoth ? four : await answerOf(sockets.map(sixth));
  const found = [four, ...(isBoth ? [] : [six])].filter((answer) => typeof answer !== 'string');
  return {
    routedBy: whoRoutes(),
    4: ofFamily(four, 4),
    6: ofFamily(six, 6),
    announced: (await Promise.all(found.map(({ at }) => announcedAt(at)))).flat(),
    journal: names().length,
  };
}

interface Answer {
  readonly at: string;
  readonly reply: BirdReply;
}

/** The first that answers; otherwise why the first that is there does not. */
async function answerOf(sockets: readonly string[]): Promise<Answer | Silence> {
  let why: Silence = 'absent';
  for (const at of sockets) {
    const reply = await askBird(at, 'show protocols all', LIMIT_MS);
    if (typeof reply === 'object') return { at, reply };
    if (why === 'absent') why = reply;
  }
  return why;
}

const ofFamily = (answer: Answer | Silence, family: 4 | 6): FamilyStatus =>
  typeof answer === 'string' ? answer : peersIn(answer.reply.lines).filter((peer) => peer.family === family);

async function announcedAt(socket: string): Promise<readonly string[]> {
  const reply = await askBird(socket, 'show route where source = RTS_STATIC', LIMIT_MS);
  return typeof reply === 'object' ? announcedIn(reply.lines) : [];
}

function whoRoutes(): NodeStatus['routedBy'] {
  if (runningInstance() !== undefined) return 'calicoctl node run';
  return refusalBeside(machinePrograms()) === undefined ? undefined : 'calico/node';
}
