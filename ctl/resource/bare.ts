/** An unquoted scalar of a YAML file whose text and value differ (`0x10`), or that YAML 1.1 takes for another value (`yes`). */
export class Bare {
  readonly text: string;
  readonly value: unknown;

  constructor(text: string, value: unknown) {
    this.text = text;
    this.value = value;
  }

  toJSON(): unknown {
    return this.value;
  }
}

const YES = /^(?:y|Y|yes|Yes|YES|on|On|ON|true|True|TRUE)$/;
const NO = /^(?:n|N|no|No|NO|off|Off|OFF|false|False|FALSE)$/;

/** The boolean that an unquoted text is in YAML 1.1. Undefined if it is something else there. */
export function truthOf(text: string): boolean | undefined {
  if (YES.test(text)) return true;
  return NO.test(text) ? false : undefined;
}

/** A value with everything in it as YAML 1.2 reads it. */
export function plain(value: unknown): unknown {
  if (value instanceof Bare) return value.value;
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, plain(field)]));
}
