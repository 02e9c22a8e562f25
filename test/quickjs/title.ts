/** A test's title with the values of its row: `%s`, `%i`, `%j`, `%o`, `%#` and `$name`. */
export function titleOf(title: string, values: readonly unknown[], index: number): string {
  let next = 0;
  const filled = title.replaceAll(/%[sdijo#%]/g, (mark) => {
    if (mark === '%%') return '%';
    if (mark === '%#') return String(index);
    const value = values[next++];
    return mark === '%s' && typeof value !== 'object' ? String(value) : shown(value);
  });
  const [row] = values;
  if (typeof row !== 'object' || row === null) return filled;
  return filled.replaceAll(/\$(\w+)/g, (mark, name: string) => (name in row ? shown(Reflect.get(row, name)) : mark));
}

const LONGEST = 500;

/** A value for a reader. */
export function shown(value: unknown): string {
  if (typeof value === 'string') return cut(JSON.stringify(value));
  if (typeof value === 'bigint') return `${value}n`;
  if (value instanceof Error) return `${value.name}: ${value.message}`;
  if (typeof value !== 'object' || value === null) return String(value);
  if (value instanceof Map || value instanceof Set) return `${value.constructor.name} ${shown([...value])}`;
  try {
    const text = JSON.stringify(value, (_, each) => (typeof each === 'bigint' ? `${each}n` : each));
    return cut(text ?? String(value));
  } catch {
    return String(value);
  }
}

const cut = (text: string): string => (text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text);
