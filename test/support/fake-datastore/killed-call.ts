import { unavailable } from '../../../shared/datastore/unavailable.ts';
import type { ConnectOptions } from './connection.ts';
import type { Stepwise } from './stepwise.ts';

/** Ends a killed call: nothing of it runs afterwards. */
export class Killed extends Error {}

/** A call that is killed when it is about to make its write number `writes`, counted from 0. */
export function killedAfter(writes: number, stepwise: Stepwise): ConnectOptions {
  let made = 0;
  return {
    stepwise,
    gate: (step) => {
      if (step !== 'read' && made++ === writes) throw new Killed(step);
    },
  };
}

/** A call that gets no answer to its write number `writes`, counted from 0, although the write succeeded. */
export function unansweredAfter(writes: number, stepwise: Stepwise): ConnectOptions {
  let made = 0;
  return {
    stepwise,
    written: (step) => {
      if (made++ === writes) throw unavailable('outcome unknown', 'no answer', `${step}: gone`);
    },
  };
}
