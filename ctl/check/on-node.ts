import { parseAddress } from '../../shared/net/address.ts';
import { type Endpoint, nameOf, numberOf } from './endpoints.ts';
import { asSeen, type Finding } from './finding.ts';
import { isLeftBehind } from './left-behind.ts';

/** A node's interfaces and routes of pods, as the kernel has them. */
export interface Kernel {
  /** Names that begin with `cali`. */
  readonly links: ReadonlySet<string>;
  readonly routes: readonly KernelRoute[];
}

interface KernelRoute {
  readonly address: string;
  readonly dev: string;
}

/** Reads what `ip -j link show` and `ip -j route show` print. */
export function readKernel(links: readonly unknown[], routes: readonly unknown[]): Kernel {
  const lines = (routes as readonly { readonly dst?: unknown; readonly dev?: unknown }[]).map(({ dst, dev }) => ({
    address: String(dst).replace(/\/(?:32|128)$/, ''),
    dev: String(dev),
  }));
  const names = (links as readonly { readonly ifname?: unknown }[]).map(({ ifname }) => String(ifname));
  return {
    links: new Set(names.filter(isPods)),
    // Text with a prefix length is a network, not an address. Link-local addresses are the kernel's own.
    routes: lines.filter(({ address, dev }) => isPods(dev) && isPlain(address)),
  };
}

const isPods = (name: string): boolean => name.startsWith('cali');
const isPlain = (text: string): boolean => parseAddress(text) !== undefined && !/^(?:fe80|ff)/i.test(text);

/** What was there both times. A difference means that an ADD or DEL ran in between. */
function lasting(before: Kernel, after: Kernel): Kernel {
  const known = new Set(before.routes.map(routeText));
  return {
    links: new Set([...after.links].filter((name) => before.links.has(name))),
    routes: after.routes.filter((route) => known.has(routeText(route))),
  };
}

const routeText = ({ address, dev }: KernelRoute): string => `${address} ${dev}`;

/** Endpoints of this node, endpoints that name one of its interfaces, and all nodes. */
interface Known {
  readonly endpoints: readonly Endpoint[];
  readonly nodes: ReadonlySet<string>;
}

/** What the kernel has and the endpoints do not, or the other way round. Something is `missing` only if it was missing both times. */
export function kernelFindings(
  node: string,
  { endpoints, nodes }: Known,
  before: Kernel,
  after: Kernel,
): readonly Finding[] {
  const { links, routes } = lasting(before, after);
  const own = endpoints.filter((endpoint) => endpoint.node === node && isPods(endpoint.interfaceName));
  const byLink = new Map(own.map((endpoint) => [endpoint.interfaceName, endpoint]));
  const renamed = new Map(
    endpoints
      .filter((endpoint) => endpoint.node !== node && isLeftBehind({ nodes }, endpoint))
      .map((endpoint) => [endpoint.interfaceName, endpoint]),
  );
  const strays = [...links].filter((name) => !byLink.has(name));
  const isMissing = ({ interfaceName }: Endpoint) =>
    !before.links.has(interfaceName) && !after.links.has(interfaceName);
  // A pod that Kubernetes still has after its DEL is an endpoint without addresses.
  const bare = own.filter((endpoint) => endpoint.addresses.length > 0 && isMissing(endpoint));
  return [
    ...strays.map((name) => strayLink(node, name, renamed.get(name))),
    ...bare.map((endpoint): Finding => {
      return {
        kind: 'no-veth',
        text: `${nameOf(endpoint)}: interface ${endpoint.interfaceName} does not exist`,
        seen: [asSeen(endpoint)],
        container: endpoint.containerID,
      };
    }),
    ...routes.flatMap(({ address, dev }) => strayRoute(address, dev, byLink.get(dev)) ?? []),
  ];
}

function strayLink(node: string, name: string, endpoint: Endpoint | undefined): Finding {
  if (endpoint === undefined) return { kind: 'stray-veth', text: `${name}: no endpoint of ${node} uses it`, seen: [] };
  const text = `${name}: endpoint ${nameOf(endpoint)} uses it, on node ${endpoint.node}, which has no Node resource`;
  return { kind: 'renamed', text, seen: [] };
}

function strayRoute(text: string, dev: string, endpoint: Endpoint | undefined): Finding | undefined {
  const address = parseAddress(text);
  if (endpoint === undefined || address === undefined) return undefined;
  if (endpoint.addresses.includes(numberOf(address.family, address.value))) return undefined;
  const what = `${address.text}: goes to ${dev}, whose endpoint ${nameOf(endpoint)} does not list it`;
  return { kind: 'stray-route', text: what, seen: [], address: address.text };
}
