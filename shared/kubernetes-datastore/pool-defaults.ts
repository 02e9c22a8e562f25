import type { ApiObject } from './resource-access.ts';

/** An IPPool's spec with what kubectl may leave out filled in, as Calico's own clients write it. */
export function withPoolDefaults(spec: ApiObject): ApiObject {
  const isIPv6 = String(spec['cidr'] ?? '').includes(':');
  const defaults = {
    blockSize: isIPv6 ? 122 : 26,
    allowedUses: ['Workload', 'Tunnel'],
    ipipMode: 'Never',
    vxlanMode: 'Never',
  };
  const missing = Object.entries(defaults).filter(([field]) => isUnset(spec[field]));
  return missing.length === 0 ? spec : { ...spec, ...Object.fromEntries(missing) };
}

const isUnset = (value: unknown): boolean =>
  value === undefined || value === null || value === '' || value === 0 || (Array.isArray(value) && value.length === 0);
