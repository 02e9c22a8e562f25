import { type Family, parseAddress } from '../../shared/net/address.ts';
import { parseCidr } from '../../shared/net/cidr.ts';

/** Whether a text is an IP address, of this family if one is given. */
export function isAddress(text: string, family?: Family): boolean {
  const address = parseAddress(text);
  return address !== undefined && (family ?? address.family) === address.family;
}

/** Whether a text is a CIDR, host bits or not. */
export const isCidr = (text: string): boolean => parseCidr(text) !== undefined;

export const isCidrOrAddress = (text: string, family?: Family): boolean => {
  const cidr = parseCidr(text);
  return cidr === undefined ? isAddress(text, family) : (family ?? cidr.family) === cidr.family;
};

/** Whether a text is a CIDR without host bits, in any spelling. */
export function isMaskedCidr(text: string, family?: Family): boolean {
  const cidr = parseCidr(text);
  if (cidr === undefined || (family ?? cidr.family) !== cidr.family) return false;
  const [address = ''] = text.split('/');
  return parseAddress(address)?.text === cidr.text.split('/')[0];
}

const PEER = /^(?:\[([0-9a-fA-F:.]+)\]|(\d+(?:\.\d+){3})):(\d{1,5})$/;

/** Whether a text is an IP address with or without a port. */
export function isPeerAddress(text: string): boolean {
  const [, six, four, port] = PEER.exec(text) ?? [];
  if (port === undefined) return isAddress(text);
  const number = Number(port);
  return number >= 1 && number <= 65_535 && (six === undefined ? isAddress(four ?? '', 4) : isAddress(six));
}

/** The family of a peer's address. Undefined if it is not an address. */
export const peerFamily = (text: string): Family | undefined => {
  const [, six, four] = PEER.exec(text) ?? [];
  return parseAddress(six ?? four ?? text)?.family;
};
