import { platform } from '#platform';

/** Parses JSON: integers beyond 2^53 as bigint, every other number as number. Throws for what is not JSON, and for deep nesting. */
export const parseExactly = (text: string): unknown => platform.parseJson(text);

/**
 * Compact JSON as Go writes it: bigint as a plain literal, `<`, `>`, `&`, U+2028 and U+2029 escaped, keys in the order they
 * were set (a Map for keys that must be sorted), undefined left out. No key may begin with NUL.
 */
export const stringifyJson = (value: unknown): string => platform.stringifyJson(value);
