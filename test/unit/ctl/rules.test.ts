import { describe, expect, test } from 'vitest';
import { checked, encode } from '../../../ctl/change/stored.ts';
import { effective, effectiveChange } from '../../../ctl/kinds/ipam-configuration.ts';
import { kindNamed } from '../../../ctl/kinds/kinds.ts';
import type { Fields } from '../../../ctl/resource/resource.ts';
import { IPAM_CONFIG } from '../../../shared/datastore/ref.ts';

function check(name: string, spec: Fields, metadata = { name: 'default' }) {
  const kind = kindNamed(name);
  if (kind === undefined) throw new Error(`no kind ${name}`);
  const resource = checked(kind, { kind: name, apiVersion: 'projectcalico.org/v3', metadata, spec }, undefined);
  return { resource, text: encode(kind, resource) };
}

describe('refused is', () => {
  test.each<[string, Fields, string]>([
    [
      'IPReservation',
      { reservedCIDRs: ['10.0.0.0/8', '10.10.0.4'] },
      'spec.reservedCIDRs[1] (spec.reservedCIDRs[1] in body must be of type cidr: "10.10.0.4")',
    ],
    [
      'IPAMConfiguration',
      { strictAffinity: false, autoAllocateBlocks: false },
      "spec (Cannot disable 'StrictAffinity' and 'AutoAllocateBlocks' at the same time)",
    ],
    ['IPAMConfiguration', { maxBlocksPerHost: 3 }, 'spec (MaxBlocksPerHost requires StrictAffinity to be enabled)'],
    [
      'IPAMConfiguration',
      { strictAffinity: true, maxBlocksPerHost: 1_000_001 },
      "spec.maxBlocksPerHost = '1000001' (spec.maxBlocksPerHost in body should be less than or equal to 1000000)",
    ],
    [
      'IPAMConfiguration',
      { ipCooldownSeconds: -1 },
      "spec.ipCooldownSeconds = '-1' (spec.ipCooldownSeconds in body should be greater than or equal to 0)",
    ],
    [
      'Node',
      { bgp: { ipv4Address: 'fd00::1' } },
      "IPv4Address = 'fd00::1' (Reason: failed to validate Field: IPv4Address because of Tag: cidrv4 )",
    ],
    ['Node', { bgp: { asNumber: '64512.70000' } }, "spec.bgp.asNumber = '64512.70000' (invalid AS Number)"],
    ['Node', { bgp: { ipv4: '10.0.0.1' } }, 'spec.bgp.ipv4 (unknown field "spec.bgp.ipv4")'],
    ['Node', { bgp: [] }, 'spec.bgp (must be an object)'],
    ['Profile', { labelsToApply: { a: [1] } }, 'spec.labelsToApply.a (must be a string)'],
  ])('%s %j', (kind, spec, text) => {
    expect(() => check(kind, spec)).toThrow(expect.objectContaining({ message: `error with field ${text}` }));
  });

  test('an IPAMConfiguration of another name', () => {
    expect(() => check('IPAMConfiguration', {}, { name: 'other' })).toThrow(
      'Cannot create an IPAMConfiguration resource with a name other than "default"',
    );
  });

  test.each([
    [{ name: 'default', labels: { a: [1] } }, 'error with field metadata.labels.a (must be a string)'],
    [{ name: 'default', owner: 'me' }, 'error with field metadata.owner (unknown field "metadata.owner")'],
    [
      { name: 'default', namespace: 'x/y' },
      "error with field Metadata.Namespace = 'x/y' (name must consist of lower case alphanumeric characters, '-' or '.' (regex: [a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*))",
    ],
    [{}, 'error with field Metadata.Name (field must be set for a Create request)'],
  ])('metadata %j', (metadata, message) => {
    expect(() => check('FelixConfiguration', {}, metadata as { name: string })).toThrow(
      expect.objectContaining({ message: message }),
    );
  });
});

describe('stored is', () => {
  test('a node with an empty status, fields in their order, labels sorted', () => {
    const metadata = { name: 'n1', labels: { b: '1', a: '2' } };
    const { text } = check(
      'Node',
      { addresses: [{ address: '10.0.0.1' }], bgp: { ipv4Address: '10.0.0.1' } },
      metadata,
    );
    expect(text).toBe(
      '{"kind":"Node","apiVersion":"projectcalico.org/v3","metadata":{"name":"n1","labels":{"a":"2","b":"1"}},"spec":{"bgp":{"ipv4Address":"10.0.0.1"},"addresses":[{"address":"10.0.0.1"}]},"status":{}}',
    );
  });
});

describe('an IPAMConfiguration', () => {
  test('is in force: what allocation reads is written with it', () => {
    const { resource } = check('IPAMConfiguration', { strictAffinity: true, maxBlocksPerHost: 4 });
    expect(effectiveChange(resource.spec)).toEqual({
      ref: IPAM_CONFIG,
      next: '{"strict_affinity":true,"auto_allocate_blocks":true,"maxBlocksPerHost":4}',
    });
    expect(effectiveChange(undefined).next).toBeUndefined();
  });

  test('shows what allocation reads, whatever its own resource says', () => {
    const { resource } = check('IPAMConfiguration', { strictAffinity: true });
    const config = {
      ref: IPAM_CONFIG,
      at: '/calico/ipam/v2/config',
      value: '{"auto_allocate_blocks":true}',
      version: '1',
    };
    expect(effective(resource, config)?.spec).toEqual({ strictAffinity: false, autoAllocateBlocks: true });
    expect(effective(undefined, config)?.metadata).toEqual({ name: 'default' });
    expect(effective(undefined, undefined)).toBeUndefined();
  });
});
