/** What may come next in a JSON text, in words for error messages. */
type Wanted = 'a value' | 'a value or "]"' | 'a key' | 'a key or "}"' | '":"' | '"," or "}"' | '"," or "]"' | 'the end';

type Kind = 'string' | 'word' | '{' | '}' | '[' | ']' | ',' | ':';

const VALUE = { string: 'behind', word: 'behind', '{': 'a key or "}"', '[': 'a value or "]"' } as const;
/** What may follow each token; after a value that depends on what is open, and a bracket may close it. */
const NEXT: Readonly<Record<Wanted, Partial<Readonly<Record<Kind, Wanted | 'behind' | 'close'>>>>> = {
  'a value': VALUE,
  'a value or "]"': { ...VALUE, ']': 'close' },
  'a key': { string: '":"' },
  'a key or "}"': { string: '":"', '}': 'close' },
  '":"': { ':': 'a value' },
  '"," or "}"': { ',': 'a key', '}': 'close' },
  '"," or "]"': { ',': 'a value', ']': 'close' },
  'the end': {},
};

const TOKEN =
  /"(?:[ !#-[\]-\uffff]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.+-])|(?:true|false|null)(?!\w)|[{}[\],:]/y;
const SPACE = /[ \t\n\r]*/y;

/** Where and why `text` is not JSON, e.g. `"," or "}" expected, a string found at line 3, column 7`; undefined when it is. */
export function jsonFault(text: string): string | undefined {
  const open: ('{' | '[')[] = [];
  let wanted: Wanted = 'a value';
  for (let at = 0; ; ) {
    at = endOf(SPACE, text, at);
    if (at === text.length)
      return wanted === 'the end' ? undefined : `unexpected end of JSON input at ${place(text, at)}`;
    const end = endOf(TOKEN, text, at);
    const token = text.slice(at, end);
    const next: Wanted | undefined = end === at ? undefined : following(token, wanted, open);
    if (next === undefined) return `${wanted} expected, ${found(token, text, at)} found at ${place(text, at)}`;
    wanted = next;
    at = end;
  }
}

/** Where a match that begins at `at` ends; `at` itself when there is none. */
function endOf(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : at;
}

/** What may follow the token; undefined when the token is not allowed here. Updates `open`. */
function following(token: string, wanted: Wanted, open: ('{' | '[')[]): Wanted | undefined {
  const next = NEXT[wanted][kindOf(token)];
  if (token === '{' || token === '[') open.push(token);
  if (next === 'close') open.pop();
  return next === 'close' || next === 'behind' ? behindValue(open) : next;
}

function kindOf(token: string): Kind {
  if (token.startsWith('"')) return 'string';
  return /^[{}[\],:]$/.test(token) ? (token as Kind) : 'word';
}

function behindValue(open: readonly ('{' | '[')[]): Wanted {
  const inner = open.at(-1);
  if (inner === undefined) return 'the end';
  return inner === '{' ? '"," or "}"' : '"," or "]"';
}

function place(text: string, at: number): string {
  const before = text.slice(0, at).split('\n');
  return `line ${before.length}, column ${[...(before.at(-1) ?? '')].length + 1}`;
}

/** Names a token without the content of a string or a bare word, which may be secret. */
function found(token: string, text: string, at: number): string {
  if (token.startsWith('"')) return 'a string';
  if (/^[-\d]/.test(token)) return 'a number';
  if (token !== '') return JSON.stringify(token);
  if (text[at] === '"') return 'a string that does not end or contains an unescaped character';
  return JSON.stringify(String.fromCodePoint(text.codePointAt(at) ?? 0));
}
