import type { FormName } from '../schema/form.ts';
import type { ObjectType, Of, Type } from '../schema/type.ts';

/** A structural OpenAPI schema, as a custom resource definition holds it. */
export type Schema = Readonly<Record<string, unknown>>;

/** Calico's next release may store fields that are not described here. */
export const KEEPS_UNKNOWN = { 'x-kubernetes-preserve-unknown-fields': true } as const;

const NUMBER_OR_TEXT: Schema = { 'x-kubernetes-int-or-string': true };
const TEXT: Schema = { type: 'string' };

/** How the values of each form are stored. */
const STORED: Readonly<Record<FormName, Schema>> = {
  port: NUMBER_OR_TEXT,
  portRange: NUMBER_OR_TEXT,
  protocol: NUMBER_OR_TEXT,
  dscp: NUMBER_OR_TEXT,
  asNumber: { type: 'integer', format: 'int64', minimum: 0, maximum: 0xffffffff },
  duration: TEXT,
  durationOrAuto: TEXT,
};

/**
 * The schema of a type by which resources are validated. It is looser where it has to be: what is stored may lack defaults, and texts
 * are checked for their length only.
 */
export function schemaOf(type: Type): Schema {
  switch (type.type) {
    case 'any':
      return KEEPS_UNKNOWN;
    case 'object':
      return objectSchema(type);
    case 'list':
      return { type: 'array', items: schemaOf(type.of), ...limit('maxItems', type.max) };
    case 'map':
      return { type: 'object', additionalProperties: schemaOf(type.of) };
    case 'text':
      return { ...TEXT, ...limit('maxLength', type.max) };
    case 'choice':
      return choiceSchema(type);
    case 'flag':
      return { type: 'boolean' };
    case 'decimal':
      return { type: 'number' };
    case 'scalar':
      return STORED[type.form];
    case 'integer':
      return {
        type: 'integer',
        ...limit('minimum', type.min),
        ...limit('maximum', type.max),
        ...(type.values === undefined ? {} : { enum: type.values }),
      };
  }
}

function objectSchema({ fields }: ObjectType): Schema {
  const required = Object.keys(fields).filter((name) => fields[name]?.required);
  return {
    type: 'object',
    properties: Object.fromEntries(Object.entries(fields).map(([name, type]) => [name, schemaOf(type)])),
    ...(required.length > 0 && { required }),
    ...KEEPS_UNKNOWN,
  };
}

/** An empty text is stored where nothing was chosen. */
const choiceSchema = ({ values, anyCase, required }: Of<'choice'>): Schema =>
  anyCase ? TEXT : { ...TEXT, enum: required ? values : [...values, ''] };

const limit = (name: string, value: number | undefined): Schema => (value === undefined ? {} : { [name]: value });
