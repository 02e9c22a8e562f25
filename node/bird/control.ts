import { fromLatin1, utf8 } from '../../shared/bytes/text.ts';
import { type ConnectError, openPlain } from '../../shared/http2/transport.ts';
import { startTimer, stopTimer } from '../../shared/system/clock.ts';
import { type BirdReply, mayEnd, readReply, type Silence } from './reply.ts';

/** A full answer of a thousand sessions has 100 KB; more than this is not BIRD. */
const MOST = 64 << 20;

/** Sends one command to the BIRD that listens at `socket`. It always answers, after `limitMs` at the latest. */
export function askBird(socket: string, command: string, limitMs: number): Promise<BirdReply | Silence> {
  return new Promise((resolve) => {
    let text = '';
    const finish = (answer: BirdReply | Silence): void => {
      stopTimer(timer);
      // Before the connection's end is reported, which is an answer too.
      resolve(answer);
      connection.destroy();
    };
    const timer = startTimer(limitMs, () => finish('silent'));
    const connection = openPlain(
      { socket },
      {
        onOpen: () => connection.write(utf8(`${command}\n`)),
        onData: (chunk) => {
          text += fromLatin1(chunk);
          const reply = mayEnd(text) ? readReply(text) : undefined;
          if (reply !== undefined) finish(reply);
          else if (text.length > MOST) finish('silent');
        },
        onEnd: (error) => finish(silenceOf(error)),
      },
    );
  });
}

function silenceOf(error: ConnectError): Silence {
  if (error?.code === 'EACCES' || error?.code === 'EPERM') return 'forbidden';
  // A full queue of connections that nobody accepts.
  return error?.code === 'EAGAIN' ? 'silent' : 'absent';
}
