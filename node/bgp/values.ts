import { parseDuration } from '../../ctl/schema/duration.ts';
import { asObject } from '../../shared/calico/stored.ts';
import type { Spec } from '../state/network-state.ts';

/** A text that is not empty. */
export function textAt(spec: Spec, name: string): string | undefined {
  const value = spec[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** The items of a list that are texts. */
export const textsAt = (spec: Spec, name: string): readonly string[] =>
  listAt(spec, name).filter((item) => typeof item === 'string');

export const objectAt = (spec: Spec, name: string): Spec | undefined => asObject(spec[name]);

/** The items of a list that are objects. */
export const objectsAt = (spec: Spec, name: string): readonly Spec[] =>
  listAt(spec, name)
    .map(asObject)
    .filter((item) => item !== undefined);

export const listAt = (spec: Spec, name: string): readonly unknown[] => {
  const value = spec[name];
  return Array.isArray(value) ? value : [];
};

/** A whole number within bounds. */
export function integerAt(spec: Spec, name: string, least: number, most: number): number | undefined {
  const value = spec[name];
  return Number.isInteger(value) && Number(value) >= least && Number(value) <= most ? Number(value) : undefined;
}

/** A duration in whole seconds, at most as long as BGP's message has room for; undefined when it is none, or shorter than `least`. */
export function secondsAt(spec: Spec, name: string, least: number, most: number): number | undefined {
  const text = textAt(spec, name);
  const nanoseconds = text === undefined ? undefined : parseDuration(text);
  const seconds = nanoseconds === undefined ? -1 : Math.round(Number(nanoseconds) / 1e9);
  return seconds < least ? undefined : Math.min(seconds, most);
}

/** How long a peer may keep the routes of a router that starts again: 12 bits. */
export const restartSecondsAt = (spec: Spec, name: string): number | undefined => secondsAt(spec, name, 0, 4_095);

const MOST = 2 ** 32 - 1;

/** An AS number, as a number or a text (`64512`, `1.10`); undefined for 0, which stands for none, and for anything else. */
export function asNumberOf(value: unknown): number | undefined {
  const text = typeof value === 'number' || typeof value === 'string' ? String(value) : '';
  const [high = '', low, ...rest] = text.split('.');
  const parts = low === undefined ? [high] : [high, low];
  if (rest.length > 0 || !parts.every((part) => /^\d{1,10}$/.test(part))) return undefined;
  if (low !== undefined && parts.some((part) => Number(part) > 0xffff)) return undefined;
  const number = low === undefined ? Number(high) : Number(high) * 0x10000 + Number(low);
  return number > 0 && number <= MOST ? number : undefined;
}
