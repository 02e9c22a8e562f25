import { type Cidr, parseCidr } from '../../../shared/net/cidr.ts';

/** Reads a network. Throws when the text is not one. */
export function cidr(text: string): Cidr {
  const parsed = parseCidr(text);
  if (parsed === undefined) throw new Error(`${text} is not a network`);
  return parsed;
}
