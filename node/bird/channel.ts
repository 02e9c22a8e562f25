import type { Family } from '../../shared/net/address.ts';
import type { Release } from './release.ts';

/** The options of a protocol that BIRD 2 has for each family in a block of its own, and 1.6 directly in the protocol. */
export const channel = (family: Family, release: Release, options: readonly string[]): readonly string[] =>
  release === 1
    ? options.map((option) => `  ${option}`)
    : [`  ipv${family} {`, ...options.map((option) => `    ${option}`), '  };'];

/** The families of a protocol, which only BIRD 2 is told. */
export const channels = (families: readonly Family[], release: Release): readonly string[] =>
  release === 1 ? [] : families.map((family) => `  ipv${family};`);
