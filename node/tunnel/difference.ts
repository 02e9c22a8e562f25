/** What turns one map into another, by key. */
export interface Difference<Value> {
  readonly surplus: readonly Value[];
  readonly missing: readonly Value[];
}

/** Values that differ are surplus and missing. */
export function differenceOf<Value>(
  wanted: ReadonlyMap<string, Value>,
  present: ReadonlyMap<string, Value>,
  isSame: (one: Value, other: Value) => boolean,
): Difference<Value> {
  const missing: Value[] = [];
  const surplus: Value[] = [];
  for (const [key, value] of wanted) {
    const found = present.get(key);
    if (found === undefined || !isSame(value, found)) missing.push(value);
  }
  for (const [key, value] of present) if (!wanted.has(key)) surplus.push(value);
  return { surplus, missing };
}
