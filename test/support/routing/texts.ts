import { routingOf } from '../../../node/bgp/routing.ts';
import { birdConfiguration } from '../../../node/bird/configuration.ts';
import type { NetworkState } from '../../../node/state/network-state.ts';
import { CASES, PASSWORDS } from './cases.ts';

/** A case by its name. */
export const stateOf = (name: string): NetworkState => {
  const state = CASES[name];
  if (state === undefined) throw new Error(`no case ${name}`);
  return state;
};
/** The configuration of a case for BIRD 1.6, IPv4. */
export const bird1 = (name: string) => birdConfiguration(routingOf(stateOf(name), PASSWORDS), 1, [4]);
/** For BIRD 1.6, IPv6. */
export const bird6 = (name: string) => birdConfiguration(routingOf(stateOf(name), PASSWORDS), 1, [6]);
/** For BIRD 2. */
export const bird2 = (name: string) => birdConfiguration(routingOf(stateOf(name), PASSWORDS), 2, [4, 6]);

/** The lines of a block, from the line that begins so up to the closing brace. */
export function block(text: string, beginning: string): readonly string[] {
  const lines = text.split('\n');
  const from = lines.findIndex((line) => line.startsWith(beginning));
  if (from < 0) throw new Error(`no ${beginning} in ${text}`);
  const rest = lines.slice(from);
  return rest.slice(0, rest.indexOf('}') + 1);
}
