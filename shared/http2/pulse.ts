/** Whether the server is still there, asked by pings while an answer is followed that may be silent for hours. */
import { startTimer, stopTimer } from '../system/clock.ts';
import { encodeFrame, FrameType } from './frames.ts';
import type { Wire } from './session-state.ts';

/** gRPC servers end connections that ping more often than every five seconds. */
const EVERY_MS = 10_000;
const ANSWER_MS = 5_000;
const PING = new Uint8Array(8);

/** Pings until the call has ended; `fail` is called when the server does not answer. */
export function follow(wire: Wire, ended: Promise<unknown>, fail: (reason: Error) => void): void {
  wire.pulse.followed++;
  if (wire.pulse.followed === 1) wait(wire, fail);
  void ended.then(() => {
    wire.pulse.followed--;
    if (wire.pulse.followed === 0) stopPulse(wire);
  });
}

function wait(wire: Wire, fail: (reason: Error) => void): void {
  wire.pulse.timer = startTimer(EVERY_MS, () => {
    wire.pulse.answered = () => {
      stopTimer(wire.pulse.timer);
      wire.allowance.answered(0);
      wait(wire, fail);
    };
    wire.pulse.timer = startTimer(ANSWER_MS, () => {
      fail(new Error(`the server has not answered a ping for ${ANSWER_MS / 1000} s`));
    });
    wire.socket.write(encodeFrame(FrameType.ping, 0, 0, PING));
  });
}

/** The server has answered a ping; one that was not asked for is ignored. */
export function answered({ pulse }: Wire): void {
  const { answered: heard } = pulse;
  pulse.answered = undefined;
  heard?.();
}

export function stopPulse({ pulse }: Wire): void {
  stopTimer(pulse.timer);
  pulse.timer = undefined;
  pulse.answered = undefined;
}
