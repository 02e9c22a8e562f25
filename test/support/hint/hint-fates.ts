/** The folder of a host's hints. */
export const HINTS = '/run/calico/cni';

const each = (work: string): string => `cd ${HINTS} && for one in hint-????????????; do ${work}; done`;
const replaced = (make: string): string => `{ ${make}; } >other && mv other "$one"`;

/** What may become of the hints on a host, and a shell command that does it. */
export const HINT_FATES = [
  { what: 'lost', make: `rm -f ${HINTS}/hint-*` },
  { what: 'kept for later', make: each('cp "$one" "old-$one"') },
  { what: 'as they were', make: each(`[ ! -e "old-$one" ] || ${replaced('cat "old-$one"')}`) },
  { what: 'cut off', make: each(replaced('head -c 300 "$one"')) },
  { what: 'of another node', make: each(replaced('ls | grep hint- | shuf -n 1 | xargs cat')) },
  { what: 'of another cluster', make: each(replaced(`sed 's/"cluster":"[^"]*"/"cluster":"other"/' "$one"`)) },
] as const;

/** The command of one of them. */
export function hintsBecome(what: (typeof HINT_FATES)[number]['what']): string {
  return HINT_FATES.find((fate) => fate.what === what)?.make ?? '';
}
