/** A text without secrets, and those that were in it. */
export interface Redacted {
  readonly text: string;
  readonly secrets: readonly string[];
}

const REMOVED = '(removed)';
/** Shorter ones could be ordinary words of other texts. */
const SHORTEST = 8;

/** Words of which one is in every line that may have a secret. */
const SIGNS = ['passw', 'secret', 'token', 'credential', 'auth', 'bearer', 'key', '://', 'eyj', 'ls0tls1', 'preshared'];

/** Its length is limited, or long lines would take forever. */
const NAME = String.raw`[\w.-]{0,40}(?:passw(?:or)?d|secret|token|credentials?|authorization|auth|private[_-]?key|key[_-]?data|preshared[_-]?key)[\w.-]{0,40}`;
/** `"etcd_password": "x"`, in JSON, also as a text within JSON. */
const QUOTED = new RegExp(
  String.raw`(\\*["']?${NAME}\\*["']?\s*[:=]\s*)(\\*)(["'])((?:(?!\2\3)(?:\\.|[^\\]))*)\2\3`,
  'gi',
);
/** `etcdPassword: x` in YAML and `ETCD_PASSWORD=x`, to the end of the line. */
const WHOLE_LINE = new RegExp(String.raw`^(\s*(?:export\s+|-\s+)?["']?${NAME}["']?\s*[:=]\s*)([^\s"'{[|>(/].*)$`, 'i');
/** The same within a line: `--token=x`, `token x`. */
const BARE = new RegExp(String.raw`((?:^|[\s,;?&])-{0,2}${NAME}(?:\s*=\s*|:\s+|\s+))([^\s"'{[(/,;&][^\s"',;&]*)`, 'gi');
/** BIRD’s `password "x"`. */
const BIRD = /(\bpassword\s+)(["'])([^"']*)\2/gi;
const USER_INFO = /(:\/\/)([^\s/@"']+)@/g;
const BEARER = /(\b(?:bearer|basic)\s+)([\w.~+/=-]{8,})/gi;
const JWT = /\b(eyJ[\w-]+\.[\w-]+\.[\w-]*)/g;
/** PEM texts in base64. */
const ENCODED_PEM = /\b(LS0tLS1[\w+/=]{20,})/g;
const PEM_BEGIN = '-----BEGIN ';
const PEM_END = '-----END ';

/** Removes what is a secret by its name or form. Paths stay, and so do true, false and null. */
export function redacted(text: string): Redacted {
  const secrets = new Set<string>();
  const lines = withoutPrivateKeys(text)
    .split('\n')
    .map((line) => redactedLine(line, secrets));
  return { text: lines.join('\n'), secrets: [...secrets] };
}

/** Removes these, wherever they are. */
export function without(secrets: readonly string[], text: string): string {
  // The longest first: one may be the beginning of another.
  const known = secrets.filter(({ length }) => length >= SHORTEST).sort((a, b) => b.length - a.length);
  return known.reduce((left, secret) => left.replaceAll(secret, REMOVED), text);
}

function redactedLine(line: string, secrets: Set<string>): string {
  const lower = line.toLowerCase();
  if (!SIGNS.some((sign) => lower.includes(sign))) return line;
  const take = (secret: string, kept: string): string => {
    if (isHarmless(secret)) return kept;
    secrets.add(secret);
    return REMOVED;
  };
  return line
    .replaceAll(USER_INFO, (_, before, secret) => {
      for (const part of secret.split(':').slice(1)) secrets.add(part);
      return `${before}${REMOVED}@`;
    })
    .replaceAll(
      QUOTED,
      (_, name, slashes, quote, secret) => `${name}${slashes}${quote}${take(secret, secret)}${slashes}${quote}`,
    )
    .replaceAll(BIRD, (_, name, quote, secret) => `${name}${quote}${take(secret, secret)}${quote}`)
    .replace(WHOLE_LINE, (_, name, secret) => `${name}${take(secret.trim(), secret)}`)
    .replaceAll(BEARER, (_, name, secret) => `${name}${take(secret, secret)}`)
    .replaceAll(BARE, (_, name, secret) => `${name}${take(secret, secret)}`)
    .replaceAll(JWT, (_, secret) => take(secret, secret))
    .replaceAll(ENCODED_PEM, (_, secret) => take(secret, secret));
}

/** Paths tell where a secret is, not what it is. */
const isHarmless = (value: string): boolean =>
  value === '' ||
  value.startsWith('/') ||
  value.startsWith(REMOVED) ||
  /^(?:true|false|null|none|yes|no|\d{1,3})$/i.test(value);

/** Whole private keys, also where their lines are written as \n. A file may end within one. */
function withoutPrivateKeys(text: string): string {
  let left = text;
  for (let from = left.indexOf(PEM_BEGIN); from >= 0; from = left.indexOf(PEM_BEGIN, from + 1)) {
    const label = left.slice(from, from + 60);
    if (!label.includes('PRIVATE KEY-----')) continue;
    const end = left.indexOf(PEM_END, from);
    const after = end < 0 ? left.length : left.indexOf('-----', end + PEM_END.length) + '-----'.length;
    left = `${left.slice(0, from)}${REMOVED}${left.slice(after)}`;
  }
  return left;
}
