import { describe, expect, test } from 'vitest';
import { checked } from '../../../ctl/change/stored.ts';
import { kindNamed } from '../../../ctl/kinds/kinds.ts';
import type { AnyResource, Fields } from '../../../ctl/resource/resource.ts';

const pool = (spec: Fields, name = 'p2'): AnyResource => ({
  kind: 'IPPool',
  apiVersion: 'projectcalico.org/v3',
  metadata: { name },
  spec,
});

function check(given: AnyResource, old?: AnyResource): AnyResource {
  const kind = kindNamed('IPPool');
  if (kind === undefined) throw new Error('no such kind');
  return checked(kind, given, old);
}

const V4 = { cidr: '10.10.0.0/24' };
const V6 = { cidr: 'fd00:10::/64' };

describe('an IPPool', () => {
  test('gets the defaults', () => {
    expect(check(pool(V4)).spec).toEqual({
      ...V4,
      vxlanMode: 'Never',
      ipipMode: 'Never',
      blockSize: 26,
      nodeSelector: 'all()',
      allowedUses: ['Workload', 'Tunnel'],
      assignmentMode: 'Automatic',
    });
    expect(check(pool(V6)).spec).toMatchObject({ blockSize: 122 });
    expect(check(pool({ ...V4, ipipMode: null, allowedUses: [] })).spec).toMatchObject({
      ipipMode: 'Never',
      allowedUses: ['Workload', 'Tunnel'],
    });
  });

  test.each([
    ['FD00:0010:0::/64', 'fd00:10::/64'],
    ['::ffff:10.10.0.0/120', '10.10.0.0/24'],
  ])('stores its CIDR %s as %s', (given, stored) => {
    expect(check(pool({ cidr: given })).spec?.['cidr']).toBe(stored);
  });

  test.each<[Fields, string]>([
    [{}, 'IPPool.Spec.CIDR (IPPool CIDR must be specified)'],
    [{ cidr: 'x' }, "IPPool.Spec.CIDR = 'x' (IPPool CIDR must be a valid subnet)"],
    [{ cidr: '10.10.0.0' }, "IPPool.Spec.CIDR = '10.10.0.0' (IPPool CIDR must be a valid subnet)"],
    [{ cidr: '10.10.0.1/24' }, "IPPool.Spec.CIDR = '10.10.0.1/24' (IPPool CIDR is not strictly masked)"],
    [{ cidr: 'fd00::1/64' }, "IPPool.Spec.CIDR = 'fd00::1/64' (IPPool CIDR is not strictly masked)"],
    [
      { ...V4, blockSize: 33 },
      'spec (blockSize must be between 20 and 32 for IPv4 pools, and between 116 and 128 for IPv6 pools)',
    ],
    [
      { cidr: '10.10.0.0/28' },
      'spec (IP pool size is too small for use with Calico IPAM. It must be equal to or greater than the block size.)',
    ],
    [{ ...V4, ipipMode: 'Always', vxlanMode: 'Always' }, 'spec (ipipMode and vxlanMode cannot both be enabled)'],
    [{ ...V6, ipipMode: 'CrossSubnet' }, 'spec (IPIP is not supported on IPv6 pools)'],
    [{ cidr: '169.254.0.0/20' }, 'spec (IPPool CIDR overlaps with IPv4 link local range 169.254.0.0/16)'],
    [{ cidr: 'fe80::/64' }, 'spec (IPPool CIDR overlaps with IPv6 link local range fe80::/10)'],
    [
      { ...V4, allowedUses: ['LoadBalancer', 'Workload'] },
      'spec (LoadBalancer cannot be combined with Workload or Tunnel allowed uses)',
    ],
    [{ ...V4, namespaceSelector: "a == 'b'" }, 'spec (IP Pool with AllowedUse Tunnel cannot have namespaceSelector)'],
    [
      { ...V4, nodeSelector: 'a ===' },
      "NodeSelector = 'a ===' (Reason: failed to validate Field: NodeSelector because of Tag: selector )",
    ],
    [
      { ...V4, nodeSelector: 'global()' },
      "NodeSelector = 'global()' (Reason: failed to validate Field: NodeSelector because of Tag: selector )",
    ],
    [{ ...V4, assignmentMode: 'Auto' }, 'spec.assignmentMode (supported values: "Automatic", "Manual")'],
    [{ ...V4, vxlanMode: 'never' }, 'spec.vxlanMode (supported values: "Never", "Always", "CrossSubnet")'],
    [
      { ...V4, allowedUses: ['Tunnel', 'Pod'] },
      'spec.allowedUses[1] (supported values: "Workload", "Tunnel", "LoadBalancer")',
    ],
    [{ ...V4, blocksize: 26 }, 'spec.blocksize (unknown field "spec.blocksize")'],
    [{ ...V4, constructor: 1 }, 'spec.constructor (unknown field "spec.constructor")'],
    [{ ...V4, blockSize: '26' }, "spec.blockSize = '26' (must be an integer)"],
    [{ ...V4, natOutgoing: 'yes' }, "spec.natOutgoing = 'yes' (must be a boolean)"],
    [{ ...V4, allowedUses: 'Workload' }, "spec.allowedUses = 'Workload' (must be a list)"],
  ])('is refused as %j', (spec, text) => {
    expect(() => check(pool(spec))).toThrow(expect.objectContaining({ message: `error with field ${text}` }));
  });

  test('may be smaller than a block while it is disabled', () => {
    expect(check(pool({ cidr: '10.10.0.0/28', disabled: true })).spec).toMatchObject({ disabled: true });
  });

  test('has all faults reported together', () => {
    const spec = { cidr: 'fd00::/64', ipipMode: 'Always', blockSize: 26 };
    expect(() => check(pool(spec))).toThrow(
      'error with the following fields:\n-  spec (blockSize must be between 20 and 32 for IPv4 pools, and between 116 and 128 for IPv6 pools)\n-  spec (IP pool size is too small for use with Calico IPAM. It must be equal to or greater than the block size.)\n-  spec (IPIP is not supported on IPv6 pools)\n',
    );
  });

  test.each<[Fields, Fields, string]>([
    [V4, { cidr: '10.10.0.0/25' }, "IPPool.Spec.CIDR = '10.10.0.0/25' (IPPool CIDR cannot be modified)"],
    [V4, { ...V4, blockSize: 27 }, "IPPool.Spec.BlockSize = '27' (IPPool BlockSize cannot be modified)"],
    [
      { ...V4, allowedUses: ['LoadBalancer'] },
      { ...V4, allowedUses: ['Workload'] },
      "IPPool.Spec.AllowedUses = '[Workload]' (IPPool allowed use cannot be changed from LoadBalacer to Workload or Tunnel)",
    ],
  ])('that was %j is not replaced by %j', (old, spec, text) => {
    expect(() => check(pool(spec), pool(old))).toThrow(
      expect.objectContaining({ message: `error with field ${text}` }),
    );
  });

  test('may be replaced by another spelling of its CIDR', () => {
    expect(check(pool(V6), pool({ cidr: 'fd00:0010::/64' })).spec?.['cidr']).toBe('fd00:10::/64');
  });

  test.each(['P2', '-p', 'p-', 'a..b', `${'a'.repeat(254)}`])('is not called %s', (name) => {
    expect(() => check(pool(V4, name))).toThrow(
      `error with field Metadata.Name = '${name}' (name must consist of lower case alphanumeric characters, '-' or '.' (regex: [a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*))`,
    );
  });
});
