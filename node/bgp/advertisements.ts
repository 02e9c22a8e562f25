import { type Cidr, parseCidr } from '../../shared/net/cidr.ts';
import type { Spec } from '../state/network-state.ts';
import { objectsAt, textAt, textsAt } from './values.ts';

/** A BGP community: two numbers of 16 bits, or three of 32 (a large one). */
export type Community = readonly number[];

/** Communities that routes of a network are announced with. */
export interface Advertisement {
  readonly cidr: Cidr;
  readonly communities: readonly Community[];
}

/** `aa:nn` or `aa:nn:mm`; undefined when it is neither, or a number is too large. */
export function communityOf(text: string): Community | undefined {
  const parts = text.split(':');
  if (!parts.every((part) => /^\d{1,10}$/.test(part))) return undefined;
  const most = parts.length === 2 ? 0xffff : 0xffff_ffff;
  const numbers = parts.map(Number);
  return (parts.length === 2 || parts.length === 3) && numbers.every((number) => number <= most) ? numbers : undefined;
}

/** The `prefixAdvertisements` of a BGPConfiguration, with the communities that it names replaced by their values. */
export function advertisementsOf(spec: Spec): readonly Advertisement[] {
  const named = new Map(objectsAt(spec, 'communities').map((each) => [textAt(each, 'name'), textAt(each, 'value')]));
  return objectsAt(spec, 'prefixAdvertisements').flatMap((each) => {
    const cidr = parseCidr(textAt(each, 'cidr') ?? '');
    const texts = textsAt(each, 'communities').map((text) => (communityOf(text) ? text : named.get(text)) ?? '');
    const communities = [...new Set(texts)]
      .sort()
      .map(communityOf)
      .filter((community) => community !== undefined);
    return cidr === undefined || communities.length === 0 ? [] : [{ cidr, communities }];
  });
}
