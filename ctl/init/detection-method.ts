import type { Family } from '../../shared/net/address.ts';
import { type Cidr, parseCidr } from '../../shared/net/cidr.ts';

/** How the address is found by which other nodes reach this one. */
export type DetectionMethod =
  /** Where no method is named: the interface of the default route, otherwise as `first-found`. */
  | { readonly by: 'default-route' }
  /** The interfaces that calico/node skips, and more. */
  | { readonly by: 'first-found'; readonly skip: RegExp | undefined }
  | { readonly by: 'interface'; readonly names: RegExp }
  | { readonly by: 'cidr'; readonly cidrs: readonly Cidr[] }
  | { readonly by: 'can-reach'; readonly destination: string }
  | { readonly by: 'kubernetes-internal-ip' };

/** Option and variable with the method of each family. */
export const METHOD_OPTION: Readonly<Record<Family, string>> = {
  4: 'ip-autodetection-method',
  6: 'ip6-autodetection-method',
};
export const METHOD_VARIABLE: Readonly<Record<Family, string>> = {
  4: 'IP_AUTODETECTION_METHOD',
  6: 'IP6_AUTODETECTION_METHOD',
};

/** For the help, and for the error of a method that is unknown. */
export const METHODS =
  'first-found, interface=REGEX,…, skip-interface=REGEX,…, can-reach=DESTINATION, cidr=CIDR,…, kubernetes-internal-ip';

/** The method that a text names, as calico/node spells them; undefined for any other text. */
export function readMethod(text: string): DetectionMethod | undefined {
  if (text === '') return { by: 'default-route' };
  if (text === 'first-found') return { by: 'first-found', skip: undefined };
  if (text === 'kubernetes-internal-ip') return { by: 'kubernetes-internal-ip' };
  const [name = '', ...rest] = text.split('=');
  const value = rest.join('=');
  return value === '' ? undefined : withValue(name, value);
}

function withValue(name: string, value: string): DetectionMethod | undefined {
  if (name === 'can-reach') return { by: 'can-reach', destination: value };
  if (name === 'cidr') {
    const cidrs = listed(value).map(parseCidr);
    return cidrs.every((cidr) => cidr !== undefined) ? { by: 'cidr', cidrs } : undefined;
  }
  const names = expression(listed(value));
  if (names === undefined) return undefined;
  if (name === 'interface') return { by: 'interface', names };
  return name === 'skip-interface' ? { by: 'first-found', skip: names } : undefined;
}

const listed = (value: string): readonly string[] => value.split(/\s*,\s*/);

/** One expression for all; undefined if one of them is none. */
function expression(parts: readonly string[]): RegExp | undefined {
  try {
    return new RegExp(parts.map((part) => `(?:${part})`).join('|'));
  } catch {
    return undefined;
  }
}
