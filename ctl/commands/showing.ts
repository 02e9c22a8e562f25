import type { Context } from '../command-line/context.ts';
import type { Kind, Listed } from '../kinds/kind.ts';
import { kindOf } from '../kinds/kinds.ts';
import type { AnyResource } from '../resource/resource.ts';
import { findAll, findOne, findPages } from './find.ts';
import { type FoundRows, type RowStyle, rowsOf, rowTexts } from './rows.ts';
import { type Found, listText, valuesText } from './values.ts';

/** Prints what is found: nothing of a list that fails, unless it is so long that it is printed while it is read. */
export interface Showing {
  /** Reads all resources of a kind, of one namespace if given. */
  list(kind: Kind, namespace: string | undefined): Promise<void>;
  one(kind: Kind, resource: AnyResource): Promise<void>;
  end(): Promise<void>;
}

/** In rows: they are printed at the end, when it is known how wide the columns are. */
export function inRows(context: Context, style: RowStyle): Showing {
  const found: FoundRows[] = [];
  let asNumber: Promise<string> | undefined;
  const rows = async (kind: Kind, resources: readonly AnyResource[]) => {
    if (kind.name === 'Node' && showsAsNumbers(style)) asNumber ??= readAsNumber(context);
    return rowsOf(kind, resources, style, { asNumber: (await asNumber) ?? AS_NUMBER });
  };
  return {
    list: async (kind, namespace) => {
      const all: FoundRows[] = [];
      for await (const { resources } of findPages(context, kind, namespace)) all.push(await rows(kind, resources));
      found.push(...all);
    },
    one: async (kind, resource) => void found.push(await rows(kind, [resource])),
    end: async () => {
      for (const text of rowTexts(found, style)) context.out(text);
    },
  };
}

/** As JSON or YAML. A long list that is the only result is printed while it is read. */
export function asValues(context: Context, style: 'json' | 'yaml', isOnly: boolean): Showing {
  const found: Found[] = [];
  let texts: AsyncIterable<string> | undefined;
  return {
    list: async (kind, namespace) => {
      if (isOnly) texts = await readAhead(listTexts(findPages(context, kind, namespace, 'unhurried'), style));
      else found.push(await findAll(context, kind, namespace));
    },
    one: async (kind, resource) => void found.push({ kind, resource }),
    end: async () => {
      if (texts !== undefined) for await (const text of texts) context.out(text);
      else if (found.length > 0) context.out(valuesText(found, style));
    },
  };
}

async function* listTexts(pages: AsyncIterable<Listed>, style: 'json' | 'yaml'): AsyncGenerator<string> {
  const text = listText(style);
  for await (const page of pages) yield text.page(page);
  yield text.end();
}

/** So many characters of a list are read before the first is printed: nearly all lists are complete by then. */
const HELD = 8_000_000;

async function readAhead(texts: AsyncGenerator<string>): Promise<AsyncGenerator<string>> {
  const held: string[] = [];
  for (let count = 0; count < HELD; count += held.at(-1)?.length ?? 0) {
    const next = await texts.next();
    if (next.done === true) break;
    held.push(next.value);
  }
  return joined(held, texts);
}

async function* joined(held: string[], texts: AsyncGenerator<string>): AsyncGenerator<string> {
  for (const text of held.splice(0)) yield text;
  yield* texts;
}

/** The default without a BGPConfiguration: the first AS number for private use. */
const AS_NUMBER = '64512';

const showsAsNumbers = ({ format: { style } }: RowStyle): boolean => style === 'wide' || style === 'columns';

async function readAsNumber(context: Context): Promise<string> {
  try {
    const { spec } = await findOne(context, kindOf('BGPConfiguration'), { name: 'default' });
    return String(spec?.['asNumber'] ?? AS_NUMBER);
  } catch {
    return AS_NUMBER;
  }
}
