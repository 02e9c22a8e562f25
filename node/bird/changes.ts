import type { Routing } from '../bgp/routing.ts';
import { nameOf } from '../bgp/session.ts';

const SHOWN = 3;

/** What differs between two states of one node's routing, in few words: `sessions +Mesh_10_0_0_2; blocks -10.65.0.0/26`. */
export function changesText(before: Routing | undefined, after: Routing): string {
  const parts = [
    difference('sessions', names(before), names(after)),
    difference('blocks', blocks(before), blocks(after)),
  ].filter((part) => part !== '');
  return parts.length === 0 ? 'settings' : parts.join('; ');
}

const families = (routing: Routing | undefined) => (routing === undefined ? [] : Object.values(routing.families));
const names = (routing: Routing | undefined): readonly string[] =>
  families(routing).flatMap(({ sessions }) => sessions.map(nameOf));
const blocks = (routing: Routing | undefined): readonly string[] =>
  families(routing).flatMap(({ ownBlocks }) => ownBlocks.map(({ text }) => text));

function difference(what: string, before: readonly string[], after: readonly string[]): string {
  const [old, fresh] = [new Set(before), new Set(after)];
  const changed = [
    ...after.filter((name) => !old.has(name)).map((name) => `+${name}`),
    ...before.filter((name) => !fresh.has(name)).map((name) => `-${name}`),
  ];
  const more = changed.length > SHOWN ? [`and ${changed.length - SHOWN} more`] : [];
  return changed.length === 0 ? '' : [what, ...changed.slice(0, SHOWN), ...more].join(' ');
}
