import { type Cidr, overlaps, parseCidr } from '../../shared/net/cidr.ts';
import type { Fault } from '../resource/fault.ts';
import type { AnyResource, Fields } from '../resource/resource.ts';
import { isMaskedCidr } from '../schema/addresses.ts';
import { inOrder, withDefaults } from '../schema/stored.ts';
import { any, choice, flag, integer, list, object, text } from '../schema/type.ts';
import type { Rules } from './rules.ts';

const MODES = ['Never', 'Always', 'CrossSubnet'];

const selector = (alias: string, more: { readonly default?: string } = {}) =>
  text({ format: 'selector', max: 1024, alias, ...more });

const SPEC = object({
  cidr: text(),
  vxlanMode: choice(MODES, { default: 'Never' }),
  ipipMode: choice(MODES, { default: 'Never' }),
  natOutgoing: flag({ omitZero: true }),
  disabled: flag({ omitZero: true }),
  disableBGPExport: flag({ omitZero: true }),
  blockSize: integer(),
  nodeSelector: selector('NodeSelector', { default: 'all()' }),
  namespaceSelector: selector('NamespaceSelector'),
  allowedUses: list(choice(['Workload', 'Tunnel', 'LoadBalancer']), { max: 10, default: ['Workload', 'Tunnel'] }),
  assignmentMode: choice(['Automatic', 'Manual'], { default: 'Automatic' }),
});

/** IPPool: defaults and checks, in the original's words and order. */
export const ipPool: Rules = {
  spec: SPEC,
  status: any(),
  complete,
  faults,
  shown: (pool) =>
    pool.spec === undefined ? pool : { ...pool, spec: inOrder(SPEC, withDefaults(SPEC, complete(pool.spec))) },
};

function complete(spec: Fields): Fields {
  const cidr = parseCidr(textOf(spec, 'cidr'));
  return {
    ...spec,
    // Only the spelling changes: CIDRs with host bits are refused.
    cidr: cidr !== undefined && isMaskedCidr(textOf(spec, 'cidr')) ? cidr.text : spec['cidr'],
    blockSize: Number(spec['blockSize'] ?? 0) || (cidr?.family === 6 ? 122 : 26),
  };
}

function faults(resource: AnyResource, old: AnyResource | undefined): readonly Fault[] {
  const spec = resource.spec ?? {};
  const text = textOf(spec, 'cidr');
  if (text === '') return [{ field: 'IPPool.Spec.CIDR', reason: 'IPPool CIDR must be specified' }];
  const cidr = parseCidr(text);
  if (cidr === undefined) {
    return [{ field: 'IPPool.Spec.CIDR', value: text, reason: 'IPPool CIDR must be a valid subnet' }];
  }
  return [
    ...changes(spec, old?.spec),
    ...(isMaskedCidr(text)
      ? []
      : [{ field: 'IPPool.Spec.CIDR', value: text, reason: 'IPPool CIDR is not strictly masked' }]),
    ...sizes(spec, cidr),
    ...modes(spec, cidr),
    ...uses(spec),
  ];
}

const textOf = (spec: Fields, name: string): string => String(spec[name] ?? '');
const usesOf = (spec: Fields): readonly string[] => (spec['allowedUses'] ?? []) as readonly string[];
const whole = (reason: string): Fault => ({ field: 'spec', reason });

/** Fields that must not change once pods have addresses. */
function changes(spec: Fields, old: Fields | undefined): readonly Fault[] {
  if (old === undefined) return [];
  const found: Fault[] = [];
  const cannot = (what: string, value: unknown) =>
    found.push({ field: `IPPool.Spec.${what}`, value, reason: `IPPool ${what} cannot be modified` });
  if (parseCidr(textOf(old, 'cidr'))?.text !== spec['cidr']) cannot('CIDR', spec['cidr']);
  const family = parseCidr(textOf(old, 'cidr'))?.family;
  const size = Number(old['blockSize'] ?? 0) || (family === 6 ? 122 : 26);
  if (size !== spec['blockSize']) cannot('BlockSize', spec['blockSize']);
  if (usesOf(old).includes('LoadBalancer') && usesOf(spec).some((use) => use !== 'LoadBalancer')) {
    const reason = 'IPPool allowed use cannot be changed from LoadBalacer to Workload or Tunnel';
    found.push({ field: 'IPPool.Spec.AllowedUses', value: usesOf(spec), reason });
  }
  return found;
}

const LINK_LOCAL = { 4: '169.254.0.0/16', 6: 'fe80::/10' } as const;

function sizes(spec: Fields, cidr: Cidr): readonly Fault[] {
  const size = Number(spec['blockSize']);
  const [least, most] = cidr.family === 4 ? [20, 32] : [116, 128];
  const found: Fault[] = [];
  if (size < least || size > most) {
    found.push(whole('blockSize must be between 20 and 32 for IPv4 pools, and between 116 and 128 for IPv6 pools'));
  }
  if (spec['disabled'] !== true && cidr.length > size) {
    found.push(
      whole('IP pool size is too small for use with Calico IPAM. It must be equal to or greater than the block size.'),
    );
  }
  const local = parseCidr(LINK_LOCAL[cidr.family]);
  if (local !== undefined && overlaps(cidr, local)) {
    found.push(whole(`IPPool CIDR overlaps with IPv${cidr.family} link local range ${local.text}`));
  }
  return found;
}

function modes(spec: Fields, cidr: Cidr): readonly Fault[] {
  const [ipip, vxlan] = [spec['ipipMode'] !== 'Never', spec['vxlanMode'] !== 'Never'];
  return [
    ...(ipip && vxlan ? [whole('ipipMode and vxlanMode cannot both be enabled')] : []),
    ...(ipip && cidr.family === 6 ? [whole('IPIP is not supported on IPv6 pools')] : []),
  ];
}

function uses(spec: Fields): readonly Fault[] {
  const used = usesOf(spec);
  const found: Fault[] = [];
  if (used.includes('Tunnel') && textOf(spec, 'namespaceSelector') !== '') {
    found.push(whole('IP Pool with AllowedUse Tunnel cannot have namespaceSelector'));
  }
  if (!used.includes('LoadBalancer')) return found;
  if (used.some((use) => use !== 'LoadBalancer')) {
    found.push(whole('LoadBalancer cannot be combined with Workload or Tunnel allowed uses'));
  }
  if (spec['ipipMode'] !== 'Never' || spec['vxlanMode'] !== 'Never') {
    found.push(whole('LoadBalancer IP pool cannot have IPIP or VXLAN enabled'));
  }
  if (spec['disableBGPExport'] === true) found.push(whole('LoadBalancer IP pool cannot have disableBGPExport'));
  if (spec['nodeSelector'] !== 'all()') found.push(whole('LoadBalancer IP pool must have nodeSelector all()'));
  return found;
}
