import { describe, expect, test } from 'vitest';
import { qosControlsOf, qosOf } from '../../../shared/kubernetes/qos.ts';
import { parseQuantity } from '../../../shared/kubernetes/quantity.ts';

describe('a quantity', () => {
  test.each([
    ['10', 10n],
    ['10M', 10_000_000n],
    ['1.5Gi', 1_610_612_736n],
    ['2e6', 2_000_000n],
    ['2E6', 2_000_000n],
    ['3E', 3_000_000_000_000_000_000n],
    ['100m', 1n],
    ['1001m', 2n],
    ['-1500m', -2n],
    ['.5k', 500n],
    ['0', 0n],
  ])('%s is %d', (text, value) => {
    expect(parseQuantity(text)).toBe(value);
  });

  test.each(['', 'M', '10 M', '1.2.3', '0x10', '10mi', 'ten', '1e'])('%j is invalid', (text) => {
    expect(parseQuantity(text)).toBeUndefined();
  });
});

describe('quality of service', () => {
  const controls = (annotations: Record<string, string>) => qosOf(annotations, true).controls;

  test('leaves Kubernetes’ annotations to the plugin chained after ours', () => {
    const annotations = { 'kubernetes.io/egress-bandwidth': '10M', 'qos.projectcalico.org/ingressBandwidth': '1G' };
    expect(qosOf(annotations, false).controls).toEqual({ ingressBandwidth: 1_000_000_000, ingressBurst: 2 ** 32 });
  });

  test('includes Kubernetes’ bandwidth if Felix limits it, with the default burst', () => {
    expect(controls({ 'kubernetes.io/ingress-bandwidth': '10M' })).toEqual({
      ingressBandwidth: 10_000_000,
      ingressBurst: 4_294_967_296,
    });
  });

  test('prefers Calico’s own bandwidth', () => {
    const annotations = { 'kubernetes.io/egress-bandwidth': '10M', 'qos.projectcalico.org/egressBandwidth': '1G' };
    expect(controls(annotations)['egressBandwidth']).toBe(1_000_000_000);
  });

  test('has its fields in Calico’s order', () => {
    const all = [
      'dscp',
      'egressPacketRate',
      'ingressMaxConnections',
      'ingressPeakrate',
      'egressBandwidth',
      'ingressBandwidth',
    ];
    const values: Record<string, string> = { dscp: '46', ingressPeakrate: '2M' };
    const annotations = Object.fromEntries(all.map((name) => [`qos.projectcalico.org/${name}`, values[name] ?? '1M']));
    expect(Object.keys(controls(annotations))).toEqual([
      'ingressBandwidth',
      'egressBandwidth',
      'ingressBurst',
      'egressBurst',
      'ingressPeakrate',
      'egressPacketRate',
      'egressPacketBurst',
      'ingressMaxConnections',
      'dscp',
    ]);
  });

  test.each([
    ['a rate below the minimum', { ingressBandwidth: '1' }, { ingressBandwidth: 1000, ingressBurst: 2 ** 32 }],
    ['a rate above the maximum', { egressPacketRate: '1M' }, { egressPacketRate: 10_000, egressPacketBurst: 5 }],
    ['a burst without a rate', { ingressBurst: '10k' }, {}],
    [
      'an invalid peak',
      { ingressBandwidth: '2M', ingressPeakrate: '2M' },
      { ingressBandwidth: 2_000_000, ingressBurst: 2 ** 32 },
    ],
    [
      'a minimum burst without a peak',
      { ingressBandwidth: '2M', ingressMinburst: '2k' },
      { ingressBandwidth: 2_000_000, ingressBurst: 2 ** 32 },
    ],
    [
      'an invalid burst',
      { ingressBandwidth: '2M', ingressBurst: 'x' },
      { ingressBandwidth: 2_000_000, ingressBurst: 2 ** 32 },
    ],
    ['an invalid DSCP value', { dscp: '64' }, {}],
  ])('changes or drops %s, with a warning', (_, values, wanted) => {
    const annotations = Object.fromEntries(
      Object.entries(values).map(([key, value]) => [`qos.projectcalico.org/${key}`, value]),
    );
    const { controls: found, complaints } = qosOf(annotations, true);
    expect(found).toEqual(wanted);
    expect(complaints).toHaveLength(1);
  });

  test('accepts DSCP by number and by name', () => {
    expect(controls({ 'qos.projectcalico.org/dscp': '0' })).toEqual({ dscp: 0 });
    expect(controls({ 'qos.projectcalico.org/dscp': 'af21' })).toEqual({ dscp: 'AF21' });
  });

  test('requests nothing without annotations', () => {
    expect(qosOf({ app: 'web' }, true)).toEqual({ controls: {}, complaints: [] });
  });
});

describe('the limits of a runtime (capability bandwidth)', () => {
  const bandwidth = { ingressRate: 10_000_000, ingressBurst: 80_000, egressRate: 5_000_000, egressBurst: 40_000 };

  test('become the endpoint’s controls, in Calico’s order', () => {
    expect(Object.entries(qosControlsOf(bandwidth))).toEqual([
      ['ingressBandwidth', 10_000_000],
      ['egressBandwidth', 5_000_000],
      ['ingressBurst', 80_000],
      ['egressBurst', 40_000],
    ]);
  });

  test('are absent for a direction without a limit', () => {
    expect(qosControlsOf({ ...bandwidth, egressRate: 0, egressBurst: 0 })).toEqual({
      ingressBandwidth: 10_000_000,
      ingressBurst: 80_000,
    });
    expect(qosControlsOf(undefined)).toEqual({});
  });

  test('are clamped to what Felix accepts', () => {
    expect(qosControlsOf({ ingressRate: 1, ingressBurst: 1, egressRate: 2e15, egressBurst: 1e11 })).toEqual({
      ingressBandwidth: 1000,
      ingressBurst: 1000,
      egressBandwidth: 1e15,
      egressBurst: 34_359_738_360,
    });
  });

  test('are overridden by annotations, per direction', () => {
    const annotated = { ingressBandwidth: 1_000_000, ingressBurst: 2 ** 32, egressPacketRate: 100 };
    expect(qosControlsOf(bandwidth, annotated)).toEqual({
      ...annotated,
      egressBandwidth: 5_000_000,
      egressBurst: 40_000,
    });
  });
});
