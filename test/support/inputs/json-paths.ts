/** A place within a JSON value: names of members, and places in lists. */
export type JsonPath = readonly (string | number)[];

/** Every member of every object within a value, lists looked into. */
export function membersOf(value: unknown, path: JsonPath = []): readonly JsonPath[] {
  if (Array.isArray(value)) return value.flatMap((item, index) => membersOf(item, [...path, index]));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, field]) => [[...path, name], ...membersOf(field, [...path, name])]);
}

/** A copy with another value at a place; undefined takes a member away. */
export function replacedAt(value: unknown, path: JsonPath, by: unknown): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return by;
  if (Array.isArray(value)) return value.map((item, index) => (index === step ? replacedAt(item, rest, by) : item));
  const fields = value as Readonly<Record<string, unknown>>;
  if (rest.length > 0 || by !== undefined) return { ...fields, [step]: replacedAt(fields[step], rest, by) };
  return Object.fromEntries(Object.entries(fields).filter(([name]) => name !== step));
}

export const shown = (path: JsonPath): string => path.join('.');
