import type { Fields } from '../resource/resource.ts';
import type { FormName } from './form.ts';
import type { FormatName } from './format.ts';

interface Common {
  /** The default. */
  readonly default?: unknown;
  readonly required?: true;
  /** Not stored when false, 0 or empty: in Go it is not a pointer. */
  readonly omitZero?: true;
  /** An empty list has a meaning, and is stored. */
  readonly keepEmpty?: true;
}

interface Text extends Common {
  readonly type: 'text';
  readonly format?: FormatName;
  /** A regular expression for the whole text, and a description of what is expected. */
  readonly pattern?: readonly [expression: string, wanted: string];
  readonly max?: number;
  /** The field's name in the original's errors, if it is not the path. */
  readonly alias?: string;
}

interface Choice extends Common {
  readonly type: 'choice';
  readonly values: readonly string[];
  /** Accepted in upper or lower case, stored as in `values`. */
  readonly anyCase?: true;
}

interface Flag extends Common {
  readonly type: 'flag';
}

interface Integer extends Common {
  readonly type: 'integer';
  readonly min?: number;
  readonly max?: number;
  /** The allowed values. */
  readonly values?: readonly number[];
}

interface Decimal extends Common {
  readonly type: 'decimal';
}

/** A value with several spellings, such as a port or a duration. */
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
  /** The invalid field; without it the object. */
  readonly at?: string;
  readonly reason: string;
  /** Called with well-formed fields. Returns the path of the invalid one if `at` cannot name it. */
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

/** What a value may be, as data: for reading values, and for other uses. */
export type Type = Text | Choice | Flag | Integer | Decimal | Scalar | List | Map | ObjectType | Anything;

/** The types with this `is`. */
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
