/** Fuzzers of small languages: selectors, CIDRs, and composed names. */
import { endpointName, parseEndpointName } from '../../shared/calico/names.ts';
import { parseSelector } from '../../shared/calico/selector.ts';
import { Failure } from '../../shared/error/failure.ts';
import { parseAddress } from '../../shared/net/address.ts';
import { containsCidr, parseCidr } from '../../shared/net/cidr.ts';
import type { Draw } from './draw.ts';
import { brokenText, hostileText } from './hostile.ts';
import { requireOwnWords } from './own-words.ts';

const WORDS = [
  'a',
  "'b'",
  '"c"',
  '==',
  '!=',
  'in',
  'not in',
  'notin',
  '{',
  '}',
  ',',
  '(',
  ')',
  '!',
  '&&',
  '||',
  'has(',
  'all()',
  'global()',
  'contains',
  'starts with',
  'ends with',
  ' ',
  '\t',
  '__proto__',
  'projectcalico.org/name',
  "a == 'b'",
  'has(a)',
  "x in {'y','z'}",
] as const;
const LABELS = { a: 'b', x: 'y', 'projectcalico.org/name': '' };

export function selector(draw: Draw): void {
  const words = Array.from({ length: draw.below(draw.once(500) ? 20_000 : 14) }, () => draw.pick(WORDS));
  const text = draw.once(4) ? brokenText(draw, words.join(' ')) : words.join(draw.pick(['', ' ']));
  const answer = answered(() => parseSelector(text)(LABELS));
  if (answer !== undefined && typeof answer !== 'boolean') throw new Error(`${JSON.stringify(text)} is ${answer}`);
}

const ADDRESSES = [
  '10.0.0.1',
  '255.255.255.255',
  '::',
  '::1',
  'fd00:1:2:3::',
  '::ffff:1.2.3.4',
  '1:2:3:4:5:6:7:8',
  '1::1.2.3.4',
  '010.0.0.1',
  'fe80::1%eth0',
] as const;

/** What is parsed as an address or a network is printed so that it parses to the same value. */
export function cidr(draw: Draw): void {
  const address = draw.once(5)
    ? hostileText(draw)
    : draw.once(3)
      ? draw.pick(ADDRESSES)
      : brokenText(draw, draw.pick(ADDRESSES));
  const parsed = parseAddress(address);
  if (parsed !== undefined && parseAddress(parsed.text)?.value !== parsed.value)
    throw new Error(`${address} is ${parsed.text}`);
  const text = `${address}/${draw.once(4) ? hostileText(draw) : draw.below(140)}`;
  const network = parseCidr(text);
  if (network === undefined) return;
  const again = parseCidr(network.text);
  if (again?.text !== network.text || !containsCidr(network, again)) throw new Error(`${text} is ${network.text}`);
}

/** A composed name is split into the same parts, or rejected. */
export function names(draw: Draw): void {
  const part = () =>
    draw.once(2) ? hostileText(draw) : brokenText(draw, draw.pick(['node-1', 'k8s', 'web-0', 'a--b', 'x']));
  const name = { node: part(), orchestrator: draw.pick(['cni', 'k8s']), workload: part(), endpoint: part() };
  const text = answered(() => endpointName(name));
  const again = text === undefined ? name : parseEndpointName(text);
  if (JSON.stringify(again) !== JSON.stringify(name))
    throw new Error(`${JSON.stringify(name)} is parsed as ${JSON.stringify(again)}`);
}

/** The result of `work`, or undefined if it throws a CNI error. Any other error is a failure. */
export function answered<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (thrown) {
    if (!(thrown instanceof Failure) || thrown.message === '') throw thrown;
    requireOwnWords(`${thrown.message} ${thrown.details}`);
    return undefined;
  }
}
