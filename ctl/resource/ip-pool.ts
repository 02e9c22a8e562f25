import { parseSelector } from '../../shared/calico/selector.ts';
import { type Cidr, overlaps, parseCidr } from '../../shared/net/cidr.ts';
import { type Fault, tagged } from './fault.ts';
import type { AnyResource, Fields } from './resource.ts';
import type { Rules } from './rules.ts';

/** IPPool: defaults and checks, in the original's words and order. */
export const ipPool: Rules = {
  shape: {
    cidr: 'string',
    vxlanMode: 'string',
    ipipMode: 'string',
    natOutgoing: 'boolean',
    disabled: 'boolean',
    disableBGPExport: 'boolean',
    blockSize: 'integer',
    nodeSelector: 'string',
    namespaceSelector: 'string',
    allowedUses: ['string'],
    assignmentMode: 'string',
  },
  complete: (spec) => {
    const cidr = parseCidr(textOf(spec, 'cidr'));
    const uses = usesOf(spec);
    return {
      ...spec,
      // Only spelt otherwise: what has host bits set is refused.
      cidr: cidr !== undefined && isMasked(textOf(spec, 'cidr'), cidr) ? cidr.text : spec['cidr'],
      vxlanMode: textOf(spec, 'vxlanMode') || 'Never',
      ipipMode: textOf(spec, 'ipipMode') || 'Never',
      blockSize: Number(spec['blockSize'] ?? 0) || (cidr?.family === 6 ? 122 : 26),
      nodeSelector: textOf(spec, 'nodeSelector') || 'all()',
      allowedUses: uses.length > 0 ? uses : ['Workload', 'Tunnel'],
      assignmentMode: textOf(spec, 'assignmentMode') || 'Automatic',
    };
  },
  faults,
};

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
    ...(isMasked(text, cidr)
      ? []
      : [{ field: 'IPPool.Spec.CIDR', value: text, reason: 'IPPool CIDR is not strictly masked' }]),
    ...choices(spec),
    ...sizes(spec, cidr),
    ...modes(spec, cidr),
    ...uses(spec),
    ...selectors(spec),
  ];
}

const textOf = (spec: Fields, name: string): string => String(spec[name] ?? '');
const usesOf = (spec: Fields): readonly string[] => (spec['allowedUses'] ?? []) as readonly string[];
const whole = (reason: string): Fault => ({ field: 'spec', reason });

/** Whether a CIDR's text has no host bits set, however it is spelt. */
function isMasked(text: string, cidr: Cidr): boolean {
  const [address = ''] = text.split('/');
  const [base = ''] = cidr.text.split('/');
  const whole = address.includes(':') ? `${address}/128` : `${address}/32`;
  return parseCidr(whole)?.text.split('/')[0] === base;
}

/** What may not change once pods have addresses. */
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

const MODES = ['Never', 'Always', 'CrossSubnet'];
const USES = ['Workload', 'Tunnel', 'LoadBalancer'];

function choices(spec: Fields): readonly Fault[] {
  const among = (field: string, value: unknown, values: readonly string[]): readonly Fault[] =>
    values.includes(String(value))
      ? []
      : [{ field, reason: `supported values: ${values.map((one) => `"${one}"`).join(', ')}` }];
  return [
    ...among('spec.vxlanMode', spec['vxlanMode'], MODES),
    ...among('spec.ipipMode', spec['ipipMode'], MODES),
    ...usesOf(spec).flatMap((use, at) => among(`spec.allowedUses[${at}]`, use, USES)),
    ...among('spec.assignmentMode', spec['assignmentMode'], ['Automatic', 'Manual']),
  ];
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

function selectors(spec: Fields): readonly Fault[] {
  const check = (field: string, selector: string) =>
    isSelector(selector) ? [] : [tagged(field, selector, 'selector')];
  return [
    ...check('NodeSelector', textOf(spec, 'nodeSelector')),
    ...check('NamespaceSelector', textOf(spec, 'namespaceSelector')),
  ];
}

function isSelector(text: string): boolean {
  if (text.length > 1024 || text.includes('global(')) return false;
  try {
    parseSelector(text);
    return true;
  } catch {
    return false;
  }
}
