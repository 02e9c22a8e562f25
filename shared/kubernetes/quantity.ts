const SCALES: Readonly<Record<string, readonly [base: bigint, exponent: number]>> = {
  n: [10n, -9],
  u: [10n, -6],
  m: [10n, -3],
  '': [10n, 0],
  k: [10n, 3],
  M: [10n, 6],
  G: [10n, 9],
  T: [10n, 12],
  P: [10n, 15],
  E: [10n, 18],
  Ki: [2n, 10],
  Mi: [2n, 20],
  Gi: [2n, 30],
  Ti: [2n, 40],
  Pi: [2n, 50],
  Ei: [2n, 60],
};

/** A Kubernetes quantity (`10M`, `1.5Gi`, `2e6`, `100m`) as a whole number, rounded up; undefined when the text is not one. */
export function parseQuantity(text: string): bigint | undefined {
  const match = /^([+-]?)(\d+(?:\.\d*)?|\.\d+)(?:[eE]([+-]?\d{1,2})|([numkMGTPE]|[KMGTPE]i|))$/.exec(text);
  if (match === null) return undefined;
  const [, sign, number = '', power, suffix = ''] = match;
  const [base, exponent] = power === undefined ? (SCALES[suffix] ?? [10n, 0]) : [10n, Number(power)];
  const [whole = '', fraction = ''] = number.split('.');
  const digits = BigInt(`${whole}${fraction}` || '0') * (exponent > 0 ? base ** BigInt(exponent) : 1n);
  const divisor = 10n ** BigInt(fraction.length) * (exponent < 0 ? base ** BigInt(-exponent) : 1n);
  // Away from zero, as Kubernetes rounds.
  const rounded = (digits + divisor - 1n) / divisor;
  return sign === '-' ? -rounded : rounded;
}
