const V4 = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/;

/** What unit tests use of node:net. */
export const isIP = (text: string): 0 | 4 | 6 => (V4.test(text) ? 4 : isV6(text) ? 6 : 0);

/** By counting groups, unlike the product's. */
function isV6(text: string): boolean {
  const dotted = /^(.*:)((?:\d{1,3}\.){3}\d{1,3})$/.exec(text);
  if (dotted !== null && !V4.test(dotted[2] ?? '')) return false;
  const plain = dotted === null ? text : `${dotted[1]}0:0`;
  const halves = plain.split('::');
  if (halves.length > 2) return false;
  const groups = halves.flatMap((half) => (half === '' ? [] : half.split(':')));
  if (!groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return false;
  return halves.length === 2 ? groups.length < 8 : groups.length === 8;
}
