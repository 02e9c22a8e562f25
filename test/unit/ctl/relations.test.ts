import { describe, expect, test } from 'vitest';
import { patch } from '../../../ctl/change/patch.ts';
import type { Fields } from '../../../ctl/resource/resource.ts';
import { cluster, drop, known, put, RESOURCES, refusal, run, stamp } from './change-stage.ts';

describe('a tier', () => {
  test.each([
    ['GlobalNetworkPolicy', { name: 'p' }],
    ['NetworkPolicy', { name: 'p', namespace: 'ns' }],
    ['StagedGlobalNetworkPolicy', { name: 'p' }],
    ['StagedNetworkPolicy', { name: 'p', namespace: 'ns' }],
  ])('is not deleted while it contains a %s', async (kind, named) => {
    const store = await cluster();
    await put(store, 'Tier', { name: 'security' }, { order: 10 });
    await put(store, kind, named, { tier: 'security' });
    await expect(drop(store, 'Tier', { name: 'security' })).rejects.toEqual(
      refusal('operation delete is not supported on security: Cannot delete a non-empty tier'),
    );
    await drop(store, kind, named);
    await drop(store, 'Tier', { name: 'security' });
    expect(store.dump()[`${RESOURCES}/tiers/security`]).toBeUndefined();
  });

  test('is not deleted while it contains an old policy, which names it only in its own name', async () => {
    const store = await cluster();
    await put(store, 'Tier', { name: 'security' }, { order: 10 });
    store.put(`${RESOURCES}/globalnetworkpolicies/security.p`, '{"metadata":{"name":"security.p"},"spec":{}}');
    await expect(drop(store, 'Tier', { name: 'security' })).rejects.toEqual(
      refusal('operation delete is not supported on security: Cannot delete a non-empty tier'),
    );
  });

  test.each(['default', 'kube-admin', 'kube-baseline'])('%s is not deleted', async (name) => {
    await expect(drop(await cluster(), 'Tier', { name })).rejects.toEqual(
      refusal(`operation Delete is not supported on ${name}: Cannot delete ${name} tier`),
    );
  });

  test.each<[string, Fields, string]>([
    ['default', { order: 5 }, "TierSpec.Order = '5' (default tier order must be 1000000)"],
    ['kube-admin', { order: 1_000 }, "spec (The 'kube-admin' tier must have default action 'Pass')"],
    [
      'a.b',
      {},
      "Metadata.Name = 'a.b' (name must consist of lower case alphanumeric characters or '-' (regex: [a-z0-9]([-a-z0-9]*[a-z0-9])?))",
    ],
    ['a'.repeat(64), {}, `Metadata.Name = '${'a'.repeat(64)}' (name is too long by 1 bytes)`],
    ['t', { defaultAction: 'Allow' }, 'spec.defaultAction (supported values: "Pass", "Deny")'],
  ])('%s is not %j', async (name, spec, text) => {
    await expect(put(await cluster(), 'Tier', { name }, spec)).rejects.toEqual(refusal(`error with field ${text}`));
  });
});

describe('a policy', () => {
  test.each(['create', 'apply'] as const)('of a tier that does not exist is refused to %s', async (manner) => {
    await expect(
      put(await cluster(), 'GlobalNetworkPolicy', { name: 'p' }, { tier: 'nosuch' }, manner),
    ).rejects.toEqual(refusal('resource does not exist: Tier(nosuch) with error: <nil>'));
  });

  test('is not patched into a tier that does not exist', async () => {
    const store = await cluster();
    await put(store, 'GlobalNetworkPolicy', { name: 'p' }, {});
    const change = { spec: { tier: 'nosuch' } };
    await expect(run(store, () => patch(known('GlobalNetworkPolicy'), { name: 'p' }, change, stamp))).rejects.toEqual(
      refusal('resource does not exist: Tier(nosuch) with error: <nil>'),
    );
  });

  test('is not written to a tier that is deleted in the meantime', async () => {
    const store = await cluster();
    await put(store, 'Tier', { name: 'security' }, { order: 10 });
    store.before('commit', () => store.remove(`${RESOURCES}/tiers/security`));
    await expect(put(store, 'GlobalNetworkPolicy', { name: 'p' }, { tier: 'security' })).rejects.toEqual(
      refusal('resource does not exist: Tier(security) with error: <nil>'),
    );
  });

  test.each(['apply', 'create', 'replace'] as const)('of Kubernetes is refused to %s', async (manner) => {
    await expect(
      put(await cluster(), 'NetworkPolicy', { name: 'knp.default.p', namespace: 'ns' }, {}, manner),
    ).rejects.toEqual(
      refusal(
        `operation ${manner} is not supported on NetworkPolicy(ns/knp.default.p): kubernetes network policies must be managed through the kubernetes API`,
      ),
    );
  });

  test('is not staged under a name reserved for Kubernetes’ policies', async () => {
    await expect(
      put(await cluster(), 'StagedNetworkPolicy', { name: 'knp.default.p', namespace: 'ns' }, {}),
    ).rejects.toEqual(
      refusal(
        'operation Create is not supported on knp.default.: Cannot create a StagedNetworkPolicy with that name prefix',
      ),
    );
  });

  const rule = (fields: Fields) => ({ ingress: [{ action: 'Allow', ...fields }] });

  test.each<[Fields, string]>([
    [{ types: ['Sideways'] }, 'spec.types[0] (supported values: "Ingress", "Egress")'],
    [{ types: ['Ingress', 'Ingress'] }, 'spec.types (Duplicate value: "Ingress")'],
    [{ ingress: [{ action: 'Permit' }] }, 'spec.ingress[0].action (supported values: "Allow", "Deny", "Log", "Pass")'],
    [{ ingress: [{ action: 'allow' }] }, 'spec.ingress[0].action (supported values: "Allow", "Deny", "Log", "Pass")'],
    [{ ingress: [{}] }, 'spec.ingress[0].action (Required value)'],
    [{ selector: 'a ===' }, "spec.selector = 'a ===' (invalid selector 'a ===': expected a string at position 4)"],
    [
      { selector: 'global()' },
      "spec.selector = 'global()' (global() can only be used in an EntityRule namespaceSelector)",
    ],
    [
      rule({ protocol: 'TCP', destination: { ports: [99_999] } }),
      "spec.ingress[0].destination.ports[0] = '99999' (must be a port from 1 to 65535, a range such as 8080:8090, or a port’s name)",
    ],
    [
      rule({ destination: { ports: [80] } }),
      'spec.ingress[0].destination.ports (rules that specify ports must set protocol to TCP or UDP or SCTP)',
    ],
    [
      rule({ protocol: 'ICMP', ipVersion: 6 }),
      "spec.ingress[0].ipVersion (must set ipversion to '4' with protocol icmp)",
    ],
    [
      rule({ icmp: { code: 1 }, protocol: 'ICMP' }),
      'spec.ingress[0].icmp.code (ICMP code specified without an ICMP type)',
    ],
    [rule({ icmp: { type: 1 } }), 'spec.ingress[0].icmp (rules that specify ICMP fields must set protocol to ICMP)'],
    [
      rule({ source: { nets: ['10.0.0.0/8', 'fd00::/8'] } }),
      'spec.ingress[0] (rule contains both IPv4 and IPv6 CIDRs)',
    ],
    [
      rule({ source: { nets: ['10.0.0.0/8'] }, ipVersion: 6 }),
      "spec.ingress[0] (rule IP version doesn't match CIDR version)",
    ],
    [
      { ingress: [{ action: 'Deny', http: { methods: ['GET'] } }] },
      'spec.ingress[0].http (only valid for Allow rules)',
    ],
    [
      rule({ source: { services: { name: 's', namespace: 'n' }, selector: 'all()' } }),
      'spec.ingress[0].source.services (cannot specify Selector/NotSelector and Services on the same rule)',
    ],
    [
      rule({ source: { services: { name: 's' } } }),
      'spec.ingress[0].source.services.namespace (must specify a namespace)',
    ],
    [
      { preDNAT: true, applyOnForward: true, egress: [{ action: 'Allow' }], types: ['Ingress'] },
      'spec.egress (PreDNAT PolicySpec cannot have any Egress rules)',
    ],
    [
      { doNotTrack: true },
      'spec.applyOnForward (ApplyOnForward must be true if either PreDNAT or DoNotTrack is true, for a given PolicySpec)',
    ],
    [
      { egress: [{ action: 'Allow' }, { action: 'Allow', http: { methods: ['GET'] } }] },
      'spec.egress[1].http (not allowed in egress rule)',
    ],
    [{ order: '10' }, "spec.order = '10' (must be a number)"],
    [{ egres: [] }, 'spec.egres (unknown field "spec.egres")'],
  ])('is not %j', async (spec, text) => {
    await expect(put(await cluster(), 'GlobalNetworkPolicy', { name: 'p' }, spec)).rejects.toEqual(
      refusal(`error with field ${text}`),
    );
  });

  test('has at most one dot in its name', async () => {
    const store = await cluster();
    await put(store, 'GlobalNetworkPolicy', { name: 'default.p' }, {});
    await expect(put(store, 'GlobalNetworkPolicy', { name: 'a.b.c' }, {})).rejects.toEqual(
      expect.objectContaining({ message: expect.stringContaining("Metadata.Name = 'a.b.c'") }),
    );
  });
});
