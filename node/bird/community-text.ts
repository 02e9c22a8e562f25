import type { Community } from '../bgp/advertisements.ts';

export const communityText = (community: Community): string => `(${community.join(', ')})`;

/** The attribute of a route that holds such communities. */
export const attribute = ({ length }: Community): string => (length === 2 ? 'bgp_community' : 'bgp_large_community');

/** The statement that adds a community to a route. */
export const addCommunity = (community: Community): string =>
  `${attribute(community)}.add(${communityText(community)});`;
