import type { NetworkState } from './network-state.ts';

/** The value of a field of FelixConfiguration on this node, of any type: its own configuration counts before the default one. */
function felixSetting({ node, felixConfigurations }: FelixSettings, field: string): unknown {
  return felixConfigurations.get(`node.${node}`)?.[field] ?? felixConfigurations.get('default')?.[field];
}

export type FelixSettings = Pick<NetworkState, 'node' | 'felixConfigurations'>;

/** A field that is a text; '' where it is anything else. */
export function felixText(settings: FelixSettings, field: string): string {
  const value = felixSetting(settings, field);
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

/** A field that is a number above 0; undefined where it is anything else. */
export function felixNumber(settings: FelixSettings, field: string): number | undefined {
  const value = felixSetting(settings, field);
  return typeof value === 'number' && Number.isInteger(value) && value > 0 ? value : undefined;
}
