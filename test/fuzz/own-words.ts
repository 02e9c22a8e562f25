/** What engines say of a program's own mistakes; no user can do anything with it. */
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
/** To delete what cannot be read may free what runs. */
const ADVICE = /(?:or|and|to be|then) (?:correct or )?deleted? (?:it|the (?:etcd )?key)|mended or deleted/;

/** Throws where a text for users holds an engine's own words, or advice that loses data. */
export function requireOwnWords(text: string): void {
  const engine = ENGINE.exec(text)?.[0];
  if (engine !== undefined) throw new Error(`an engine's own words, "${engine}": ${text}`);
  if (ADVICE.test(text.replaceAll('do not delete', ''))) throw new Error(`advice that loses data: ${text}`);
}
