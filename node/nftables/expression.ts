import type { Family } from '../../shared/net/address.ts';
import { attribute, join, nested, text, u32 } from '../../shared/netlink/message.ts';
import { be32, named } from './message.ts';

/** An expression of a rule: it loads, compares or acts, in the order of the rule. */
export type Expression = Uint8Array;

const LIST_ELEMENT = 1;
const ExpressionAttr = { name: 1, data: 2 };
/** The register that verdicts go to, and those for values. */
const Register = { verdict: 0, value: 1, firstPort: 2, lastPort: 3 };
const DataAttr = { value: 1, verdict: 2 };
const VERDICT_CODE = 1;
const ACCEPT = 1;

const expression = (name: string, ...data: readonly Uint8Array[]): Expression =>
  nested(LIST_ELEMENT, named(ExpressionAttr.name, name), nested(ExpressionAttr.data, ...data));

const number = (type: number, value: number): Uint8Array => attribute(type, be32(value));

/** Bytes as an attribute's value. */
export const dataOf = (type: number, bytes: Uint8Array): Uint8Array => nested(type, attribute(DataAttr.value, bytes));

const PayloadAttr = { into: 1, base: 2, offset: 3, length: 4 };
const NETWORK_HEADER = 1;
/** Where a packet has its addresses. */
const PLACES: Readonly<
  Record<Family, { readonly source: number; readonly destination: number; readonly length: number }>
> = { 4: { source: 12, destination: 16, length: 4 }, 6: { source: 8, destination: 24, length: 16 } };

/** Loads an address of the packet. */
export function loadAddress(family: Family, side: 'source' | 'destination'): Expression {
  const { length, [side]: offset } = PLACES[family];
  return expression(
    'payload',
    number(PayloadAttr.into, Register.value),
    number(PayloadAttr.base, NETWORK_HEADER),
    number(PayloadAttr.offset, offset),
    number(PayloadAttr.length, length),
  );
}

const LookupAttr = { set: 1, from: 2, flags: 5 };
const INVERTED = 1;

/** Goes on if the loaded value is, or is not, in a set. */
export const lookUp = (set: string, isIn: boolean): Expression =>
  expression(
    'lookup',
    named(LookupAttr.set, set),
    number(LookupAttr.from, Register.value),
    ...(isIn ? [] : [number(LookupAttr.flags, INVERTED)]),
  );

const MetaAttr = { into: 1, key: 2 };
const MetaKey = { inputInterface: 6, outputInterface: 7, protocol: 16 } as const;

/** Loads something about the packet that is not in it, or the protocol above IP. */
export const loadMeta = (key: keyof typeof MetaKey): Expression =>
  expression('meta', number(MetaAttr.into, Register.value), number(MetaAttr.key, MetaKey[key]));

const CompareAttr = { from: 1, operator: 2, data: 3 };
const Operator = { equal: 0, different: 1 } as const;

/** Goes on if the loaded value begins with these bytes, or does not. */
export const compare = (bytes: Uint8Array, operator: keyof typeof Operator = 'equal'): Expression =>
  expression(
    'cmp',
    number(CompareAttr.from, Register.value),
    number(CompareAttr.operator, Operator[operator]),
    dataOf(CompareAttr.data, bytes),
  );

const NAME_LENGTH = 16;

/** What an interface's name is compared with: iptables' `+` and nft's `*` at its end stand for any rest. */
export function interfaceName(pattern: string): Uint8Array {
  const isPrefix = pattern.endsWith('+') || pattern.endsWith('*');
  const whole = text(isPrefix ? pattern.slice(0, -1) : pattern);
  return isPrefix ? whole.subarray(0, -1) : join(whole, new Uint8Array(Math.max(0, NAME_LENGTH - whole.length)));
}

const FibAttr = { into: 1, result: 2, flags: 3 };
const FIB_ADDRESS_TYPE = 3;
const FibFlag = { source: 1, outputInterface: 16 };
/** What a local address is to the routing tables. */
const LOCAL = u32(2);

/** Goes on if the packet's source is an address of this machine, or is none of its output interface. */
export function sourceIs(what: 'local' | 'not of its interface'): readonly Expression[] {
  const flags = what === 'local' ? FibFlag.source : FibFlag.source | FibFlag.outputInterface;
  return [
    expression(
      'fib',
      number(FibAttr.into, Register.value),
      number(FibAttr.result, FIB_ADDRESS_TYPE),
      number(FibAttr.flags, flags),
    ),
    compare(LOCAL, what === 'local' ? 'equal' : 'different'),
  ];
}

const CounterAttr = { bytes: 1, packets: 2 };
/** A count of eight bytes. */
const NONE_YET = new Uint8Array(8);

/** Counts packets: iptables lists no rule without. */
export const counter = (): Expression =>
  expression('counter', attribute(CounterAttr.bytes, NONE_YET), attribute(CounterAttr.packets, NONE_YET));

const ImmediateAttr = { into: 1, data: 2 };

/** Lets the packet pass. */
export const accept = (): Expression =>
  expression(
    'immediate',
    number(ImmediateAttr.into, Register.verdict),
    nested(ImmediateAttr.data, nested(DataAttr.verdict, number(VERDICT_CODE, ACCEPT))),
  );

const loadValue = (register: number, bytes: Uint8Array): Expression =>
  expression('immediate', number(ImmediateAttr.into, register), dataOf(ImmediateAttr.data, bytes));

/** What a packet's source becomes: an address of the interface it leaves by if none is given, and a port of any number or of these. */
export interface SourceNat {
  readonly family: Family;
  readonly address: Uint8Array | undefined;
  readonly ports: readonly [first: number, last: number] | undefined;
}

const MasqueradeAttr = { flags: 1, firstPort: 2, lastPort: 3 };
const NatAttr = { kind: 1, family: 2, firstAddress: 3, firstPort: 5, lastPort: 6, flags: 7 };
const SOURCE = 0;
/** Any free port, not the nearest: two processors would choose the same. */
const RANDOM_FULLY = 16;
const AF: Readonly<Record<Family, number>> = { 4: 2, 6: 10 };

const be16 = (value: number): Uint8Array => Uint8Array.of(value >> 8, value);

/** Replaces the packet's source. */
export function natSource({ family, address, ports }: SourceNat): readonly Expression[] {
  const loaded =
    ports === undefined
      ? []
      : [loadValue(Register.firstPort, be16(ports[0])), loadValue(Register.lastPort, be16(ports[1]))];
  const portsFrom = (first: number, last: number) =>
    ports === undefined ? [] : [number(first, Register.firstPort), number(last, Register.lastPort)];
  if (address === undefined) {
    const { flags, firstPort, lastPort } = MasqueradeAttr;
    return [...loaded, expression('masq', number(flags, RANDOM_FULLY), ...portsFrom(firstPort, lastPort))];
  }
  return [
    ...loaded,
    loadValue(Register.value, address),
    expression(
      'nat',
      number(NatAttr.kind, SOURCE),
      number(NatAttr.family, AF[family]),
      number(NatAttr.firstAddress, Register.value),
      ...portsFrom(NatAttr.firstPort, NatAttr.lastPort),
      number(NatAttr.flags, RANDOM_FULLY),
    ),
  ];
}
