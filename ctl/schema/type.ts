import type { Fields } from '../resource/resource.ts';
import type { FormName } from './form.ts';
import type { FormatName } from './format.ts';

interface Common {
  /** What stands in its place when it is left out. */
  readonly default?: unknown;
  readonly required?: true;
  /** Not stored when it is false, 0 or empty: what is no pointer in Go. */
  readonly omitZero?: true;
  /** An empty list that means something, and is stored. */
  readonly keepEmpty?: true;
}

interface Text extends Common {
  readonly type: 'text';
  readonly format?: FormatName;
  /** A regular expression for the whole text, and what it asks for in words. */
  readonly pattern?: readonly [expression: string, wanted: string];
  readonly max?: number;
  /** The name that the original's errors give the field, where it is not the path. */
  readonly alias?: string;
}

interface Choice extends Common {
  readonly type: 'choice';
  readonly values: readonly string[];
  /** Taken in any case, stored as it stands in `values`. */
  readonly anyCase?: true;
}

interface Flag extends Common {
  readonly type: 'flag';
}

interface Integer extends Common {
  readonly type: 'integer';
  readonly min?: number;
  readonly max?: number;
  /** The only values there are. */
  readonly values?: readonly number[];
}

interface Decimal extends Common {
  readonly type: 'decimal';
}

/** A value that has several spellings, as a port or a duration. */
interface Scalar extends Common {
  readonly type: 'scalar';
  readonly form: FormName;
}

interface List extends Common {
  readonly type: 'list';
  readonly of: Type;
  readonly min?: number;
  readonly max?: number;
  readonly unique?: true;
}

interface Map extends Common {
  readonly type: 'map';
  readonly of: Type;
  readonly keys?: FormatName;
}

/** What must hold between fields of one object. */
export interface Relation {
  /** The field that is at fault; without it the object. */
  readonly at?: string;
  readonly reason: string;
  /** Given fields that are each well-formed; answers the path of what is at fault where `at` cannot say it. */
  broken(fields: Fields): boolean | string;
}

export interface ObjectType extends Common {
  readonly type: 'object';
  /** In the order in which they are stored. */
  readonly fields: Readonly<Record<string, Type>>;
  readonly relations?: readonly Relation[];
}

interface Anything extends Common {
  readonly type: 'any';
}

/** What a value may be, as data: values are read by it, and other forms of it can be made. */
export type Type = Text | Choice | Flag | Integer | Decimal | Scalar | List | Map | ObjectType | Anything;

/** The types of one sort. */
export type Of<Sort> = Extract<Type, { readonly type: Sort }>;

type More<T> = Omit<T, 'type'>;

export const text = (more: More<Text> = {}): Text => ({ type: 'text', ...more });
export const choice = (values: readonly string[], more: Omit<More<Choice>, 'values'> = {}): Choice => ({
  type: 'choice',
  values,
  ...more,
});
export const flag = (more: More<Flag> = {}): Flag => ({ type: 'flag', ...more });
export const integer = (more: More<Integer> = {}): Integer => ({ type: 'integer', ...more });
export const decimal = (more: More<Decimal> = {}): Decimal => ({ type: 'decimal', ...more });
export const scalar = (form: FormName, more: Common = {}): Scalar => ({ type: 'scalar', form, ...more });
export const list = (of: Type, more: Omit<More<List>, 'of'> = {}): List => ({ type: 'list', of, ...more });
export const map = (of: Type, more: Omit<More<Map>, 'of'> = {}): Map => ({ type: 'map', of, ...more });
export const any = (more: Common = {}): Anything => ({ type: 'any', ...more });
export const object = (fields: Readonly<Record<string, Type>>, more: Omit<More<ObjectType>, 'fields'> = {}) =>
  ({ type: 'object', fields, ...more }) satisfies ObjectType;
