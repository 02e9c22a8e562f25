/** What turns one map into another: entries to be removed, and to be set. */
export interface Difference<Value> {
  readonly surplus: readonly (readonly [key: string, value: Value])[];
  readonly missing: readonly (readonly [key: string, value: Value])[];
}

/** An entry with another value is missing: setting it replaces what is present. */
export function differenceOf<Value>(
  wanted: ReadonlyMap<string, Value>,
  present: ReadonlyMap<string, Value>,
  isSame: (one: Value, other: Value) => boolean,
): Difference<Value> {
  const isPresent = (key: string, value: Value): boolean => {
    const found = present.get(key);
    return found !== undefined && isSame(value, found);
  };
  return {
    surplus: [...present].filter(([key]) => !wanted.has(key)),
    missing: [...wanted].filter(([key, value]) => !isPresent(key, value)),
  };
}
