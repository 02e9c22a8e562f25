import { parseJsonText, reader } from './reader.ts';

/**
 * Whether a network configuration list chains the plugin `bandwidth` after `calico`: on a node with Felix those limits are
 * removed within seconds, because the endpoint does not have them. False for a text that is not such a list.
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

/** How to fix that. */
export const UNCHAIN_BANDWIDTH =
  'remove the plugin bandwidth from the list and put "capabilities": {"bandwidth": true} on the calico entry: Felix removes limits that the plugin sets';
