/** Engine messages for a program's own bugs, which no user can act on. */
const ENGINE = new RegExp(
  [
    '(?:null|undefined) is not an object',
    'is not a function',
    'is not iterable',
    'is not a constructor',
    'is not defined',
    'Cannot (?:read|set) propert',
    'Cannot destructure',
    'Cannot convert (?:undefined|null|\\S+ to a BigInt)',
    'Cannot mix BigInt',
    'cannot be converted to a BigInt',
    '(?:null|undefined) to object',
    'Invalid (?:array length|time value|count value)',
    'toFixed|toString\\(\\) radix',
    'call stack',
    'Reduce of empty array',
    'Cyclic object value',
    '\\[object Object\\]',
  ].join('|'),
);
/** Deleting what cannot be parsed may release something in use. */
const ADVICE = /(?:or|and|to be|then) (?:correct or )?deleted? (?:it|the (?:etcd )?key)|mended or deleted/;

/** Throws if a text for users contains an engine message, or advice that loses data. */
export function requireOwnWords(text: string): void {
  const engine = ENGINE.exec(text)?.[0];
  if (engine !== undefined) throw new Error(`an engine message, "${engine}": ${text}`);
  if (ADVICE.test(text.replaceAll('do not delete', ''))) throw new Error(`advice that loses data: ${text}`);
}
