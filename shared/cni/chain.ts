import { parseJsonText, reader } from './reader.ts';

/**
 * Whether a network configuration list chains the plugin `bandwidth` behind `calico`: on a node with Felix these limits are
 * removed within seconds, as the endpoint does not carry them. A text that is not such a list does not.
 */
export function chainsBandwidth(text: string): boolean {
  const unreadable = (why: string) => new Error(why);
  try {
    const plugins = reader(parseJsonText(text, unreadable), 'NetConfList', unreadable).objects('plugins');
    const types = plugins.map((plugin) => plugin.text('type'));
    return types.includes('calico') && types.indexOf('bandwidth') > types.indexOf('calico');
  } catch {
    return false;
  }
}

/** What to do about it. */
export const UNCHAIN_BANDWIDTH =
  'take the plugin bandwidth off the list and put "capabilities": {"bandwidth": true} on the calico entry: Felix removes limits that the plugin sets';
