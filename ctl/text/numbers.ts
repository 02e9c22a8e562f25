/** A number in five significant digits, as Go prints it with %.5g: `65536`, `1.0486e+06`. */
export function fiveDigits(value: number): string {
  const rounded = Number(value.toPrecision(5));
  if (rounded < 1e5) return String(rounded);
  return rounded.toExponential().replace(/e\+(\d)$/, 'e+0$1');
}

/** Part of a whole, e.g. `3 (5%)`. Rounds half to even, as Go does. */
export function share(part: number, whole: number): string {
  const percent = (100 * part) / whole;
  const rounded = Math.round(percent);
  const even = percent % 1 === 0.5 && rounded % 2 === 1 ? rounded - 1 : rounded;
  return `${fiveDigits(part)} (${even}%)`;
}

/** e.g. `1 block`, `2 blocks`, `3 addresses`, `4 affinities`. */
export function many(count: number, what: string): string {
  const plural = what.replace(/y$/, 'ie').replace(/s$/, 'se');
  return `${count} ${count === 1 ? what : `${plural}s`}`;
}
