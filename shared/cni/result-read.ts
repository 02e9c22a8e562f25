import { failure } from '../error/failure.ts';
import { parseCidr } from '../net/cidr.ts';
import { type FaultToError, parseJsonText, type Reader, reader } from './reader.ts';
import type { Dns, Interface, Result, ResultAddress, ResultRoute } from './result.ts';

function refusal(where: string): FaultToError {
  return (why) => failure(`failed to read ${where}: ${why}`);
}

/** Reads a result of any version of the specification; `where` names it in errors (`result of plugin host-local`). */
export function parseResult(json: string, where: string): Result {
  return resultOf(parseJsonText(json, refusal(where)), where);
}

/** Like parseResult, for parsed JSON (prevResult). */
export function resultOf(json: unknown, where: string): Result {
  const result = reader(json, 'Result', refusal(where));
  const dns = readDns(result.object('dns'));
  // The shape is more reliable than cniVersion, which some plugins omit.
  const shape = result.has('ip4') || result.has('ip6') ? readOld(result) : readNew(result);
  return Object.keys(dns).length === 0 ? shape : { ...shape, dns };
}

function readNew(result: Reader): Result {
  return {
    interfaces: result.objects('interfaces').map(readInterface),
    ips: result.objects('ips').map((ip) => ({
      ...readAddress(ip, 'address'),
      ...(ip.has('interface') && { interface: ip.int('interface') }),
    })),
    routes: result.objects('routes').map(readRoute),
  };
}

/** 0.1.0 and 0.2.0: one object per family. */
function readOld(result: Reader): Result {
  const families = ['ip4', 'ip6'].filter((key) => result.has(key)).map((key) => result.object(key));
  return {
    interfaces: [],
    ips: families.map((ip) => readAddress(ip, 'ip')),
    routes: families.flatMap((ip) => ip.objects('routes').map(readRoute)),
  };
}

function readInterface(entry: Reader): Interface {
  return {
    name: entry.text('name'),
    ...(entry.text('mac') && { mac: entry.text('mac') }),
    ...(entry.int('mtu') !== 0 && { mtu: entry.int('mtu') }),
    ...(entry.text('sandbox') && { sandbox: entry.text('sandbox') }),
  };
}

function readAddress(entry: Reader, key: string): ResultAddress {
  return { address: readCidr(entry, key), ...(entry.text('gateway') && { gateway: entry.text('gateway') }) };
}

function readCidr(entry: Reader, key: string): string {
  const cidr = entry.text(key);
  if (parseCidr(cidr) === undefined) throw entry.refuse(key, `invalid CIDR address: ${cidr}`);
  return cidr;
}

function readRoute(entry: Reader): ResultRoute {
  const number = (key: string, zeroCounts: boolean) =>
    entry.has(key) && (zeroCounts || entry.int(key) !== 0) ? { [key]: entry.int(key) } : {};
  return {
    dst: readCidr(entry, 'dst'),
    ...(entry.text('gw') && { gw: entry.text('gw') }),
    ...number('mtu', false),
    ...number('advmss', false),
    ...number('priority', false),
    ...number('table', true),
    ...number('scope', true),
  };
}

function readDns(dns: Reader): Dns {
  const lists = (['nameservers', 'search', 'options'] as const).filter((key) => dns.texts(key).length > 0);
  return {
    ...Object.fromEntries(lists.map((key) => [key, dns.texts(key)])),
    ...(dns.text('domain') && { domain: dns.text('domain') }),
  };
}
