import { failure } from '../error/failure.ts';
import { printJson } from './print-json.ts';
import type { Dns, Interface, Result, ResultAddress, ResultRoute } from './result.ts';
import { atLeast } from './version.ts';

type Json = Readonly<Record<string, unknown>>;

/** Prints a result in the format of the given version of the specification, in the original's order of fields. */
export function formatResult(result: Result, version: string): string {
  if (atLeast(version, '1.0.0')) return printJson(current(result, version));
  if (atLeast(version, '0.3.0')) return printJson(before100(result, version));
  return printJson(before030(result, version));
}

/** 1.0.0 and later: the original prints maps, so keys come in alphabetical order. */
function current({ interfaces, ips, routes, dns }: Result, version: string): Json {
  return sorted({
    cniVersion: version,
    interfaces: filled(interfaces.map((entry) => sorted(entry))),
    ips: filled(ips.map((entry) => sorted(entry))),
    routes: filled(routes.map((entry) => sorted(entry))),
    dns: filled(Object.keys(printedDns(dns))) && sorted(printedDns(dns)),
  });
}

/** 0.3.0 to 0.4.0: each address has its IP version; `dns` is always present; interfaces have no MTU yet. */
function before100({ interfaces, ips, routes, dns }: Result, version: string): Json {
  return {
    cniVersion: version,
    interfaces: filled(interfaces.map(({ name, mac, sandbox }: Interface) => ({ name, mac, sandbox }))),
    ips: filled(
      ips.map((ip) => ({
        version: family(ip.address),
        interface: ip.interface,
        address: ip.address,
        gateway: ip.gateway,
      })),
    ),
    routes: filled(routes.map(printedRoute)),
    dns: printedDns(dns),
  };
}

/** 0.1.0 and 0.2.0: one address per family, with the routes of that family, and no interfaces. */
function before030({ ips, routes, dns }: Result, version: string): Json {
  const [ip4, ip6] = (['4', '6'] as const).map((wanted) => {
    const first = ips.find(({ address }) => family(address) === wanted);
    const ours = routes.filter(({ dst }) => family(dst) === wanted).map(({ dst, gw }) => ({ dst, gw }));
    return first && { ip: first.address, gateway: first.gateway, routes: filled(ours) };
  });
  if (ip4 === undefined && ip6 === undefined) throw failure('cannot convert: no valid IP addresses');
  return { cniVersion: version, ip4, ip6, dns: printedDns(dns) };
}

function family(cidr: ResultAddress['address']): '4' | '6' {
  return cidr.includes(':') ? '6' : '4';
}

function printedRoute({ dst, gw, mtu, advmss, priority, table, scope }: ResultRoute): Json {
  return { dst, gw, mtu, advmss, priority, table, scope };
}

function printedDns({ nameservers = [], domain = '', search = [], options = [] }: Dns = {}): Json {
  return {
    ...(nameservers.length > 0 && { nameservers }),
    ...(domain !== '' && { domain }),
    ...(search.length > 0 && { search }),
    ...(options.length > 0 && { options }),
  };
}

function filled<T>(list: readonly T[]): readonly T[] | undefined {
  return list.length > 0 ? list : undefined;
}

function sorted(object: object): Json {
  return Object.fromEntries(Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1)));
}
