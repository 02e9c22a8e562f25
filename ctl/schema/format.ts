import { parseSelector } from '../../shared/calico/selector.ts';
import { Failure } from '../../shared/error/failure.ts';
import { isAddress, isCidr, isCidrOrAddress, isMaskedCidr, isPeerAddress } from './addresses.ts';

/** A form that a text may have to have: what is wrong with a text, or undefined. */
type Format = (text: string) => string | undefined;

const matching =
  (pattern: RegExp, wanted: string): Format =>
  (text) =>
    pattern.test(text) ? undefined : `must be ${wanted}`;

const holding =
  (test: (text: string) => boolean, wanted: string): Format =>
  (text) =>
    test(text) ? undefined : `must be ${wanted}`;

const ELSEWHERE = 'global() can only be used in an EntityRule namespaceSelector';
const ALONE = 'global() cannot be combined with other selectors';
const GLOBAL = /^\s*global\(\s*\)\s*$/;

function selector(text: string): string | undefined {
  if (text.includes('global(')) return ELSEWHERE;
  try {
    parseSelector(text);
    return undefined;
  } catch (thrown) {
    return thrown instanceof Failure ? thrown.message : 'must be a selector';
  }
}

const namespaceSelector: Format = (text) => {
  if (GLOBAL.test(text)) return undefined;
  return text.includes('global(') ? ALONE : selector(text);
};

/** What Go's own flags at the start of an expression (`(?i)`) are to it is taken to be right. */
function regexp(text: string): string | undefined {
  try {
    new RegExp(text.replaceAll(/\(\?[imsU]+\)/g, ''));
    return undefined;
  } catch {
    return 'must be a regular expression';
  }
}

const LABEL = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const NAME = `${LABEL}(\\.${LABEL})*`;
const VALUE = '[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?';
const KEY = new RegExp(`^(?:(?=.{1,253}/)${NAME}/)?${VALUE}$`);
const HARDWARE = /^[0-9a-f]{2}(?:([:-])[0-9a-f]{2})(?:\1[0-9a-f]{2}){4}$/i;

/** Parts of 16 bits, or three of 32. */
function isCommunity(text: string): boolean {
  const parts = text.split(':');
  const most = parts.length === 2 ? 0xffff : 0xffffffff;
  return (
    (parts.length === 2 || parts.length === 3) && parts.every((part) => /^\d{1,10}$/.test(part) && Number(part) <= most)
  );
}

export const FORMATS = {
  selector,
  namespaceSelector,
  regexp,
  name: matching(new RegExp(`^(?=.{1,253}$)${NAME}$`), 'lower case letters, digits, "-" and "."'),
  label: matching(new RegExp(`^(?=.{1,63}$)${LABEL}$`), 'at most 63 lower case letters, digits and "-"'),
  labelKey: holding((text) => KEY.test(text), 'a label’s key: [PREFIX/]NAME, NAME of at most 63 letters, digits, -_.'),
  labelValue: matching(
    new RegExp(`^(?:${VALUE})?$`),
    'at most 63 letters, digits, "-", "_" and ".", none of these at an end',
  ),
  annotationKey: holding((text) => KEY.test(text.toLowerCase()), 'an annotation’s key: [PREFIX/]NAME'),
  cidr: holding(isCidr, 'a CIDR'),
  net: holding((text) => isMaskedCidr(text), 'a CIDR without host bits'),
  netv4: holding((text) => isMaskedCidr(text, 4), 'an IPv4 CIDR without host bits'),
  netv6: holding((text) => isMaskedCidr(text, 6), 'an IPv6 CIDR without host bits'),
  cidrOrAddress: holding((text) => isCidrOrAddress(text), 'a CIDR or an IP address'),
  cidrv4: holding((text) => isCidrOrAddress(text, 4), 'an IPv4 address or CIDR'),
  cidrv6: holding((text) => isCidrOrAddress(text, 6), 'an IPv6 address or CIDR'),
  ip: holding((text) => isAddress(text), 'an IP address'),
  ipv4: holding((text) => isAddress(text, 4), 'an IPv4 address'),
  ipv6: holding((text) => isAddress(text, 6), 'an IPv6 address'),
  'IP:port': holding(isPeerAddress, 'an IP address, IPv4:PORT or [IPv6]:PORT'),
  mac: matching(HARDWARE, 'a MAC address'),
  interface: matching(/^(?:\*|[a-zA-Z0-9_.-]{1,15})$/, 'the name of an interface, or "*"'),
  interfacePattern: matching(/^[a-zA-Z0-9_.*-]{1,15}$/, 'the name of an interface, in which * stands for any text'),
  ignoredInterface: matching(/^(?!\*$)[a-zA-Z0-9_.*-]{1,15}$/, 'the name of an interface, or a pattern, not "*" alone'),
  ifaceFilter: matching(/^[a-zA-Z0-9:._+-]{1,15}$/, 'the name of an interface, "+" at its end for any that begins so'),
  prometheusHost: matching(/^[a-zA-Z0-9:._+-]{1,64}$/, 'a host name or address'),
  portName: matching(
    /^(?=.*[a-z])(?!.*--)[a-z0-9](?:[a-z0-9-]{0,13}[a-z0-9])?$/,
    'a port’s name: at most 15 of a-z, 0-9, -',
  ),
  community: holding(isCommunity, 'a community: aa:nn of 16 bits each, or aa:nn:mm of 32'),
} as const satisfies Readonly<Record<string, Format>>;

export type FormatName = keyof typeof FORMATS;
