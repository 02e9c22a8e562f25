import { fileContent } from '../../shared/call/node-name.ts';
import { parseAddress } from '../../shared/net/address.ts';
import { getAddresses, readAddress } from '../../shared/netlink/address.ts';
import { getLinks, readLink } from '../../shared/netlink/link.ts';
import { withNetlink } from '../../shared/netlink/socket.ts';
import { defaultInterface4, defaultInterface6 } from './default-route.ts';
import type { HostAddresses } from './node-address.ts';

/** Every interface's. */
const ALL = 0;

/** This machine's addresses and where its default routes lead. */
export function hostAddresses(): HostAddresses {
  const [links, found] = withNetlink((kernel) => [
    kernel.ask(getLinks()).map(readLink),
    kernel.ask(getAddresses(ALL)).map(readAddress),
  ]);
  const addresses = links
    .filter(({ up }) => up)
    .flatMap(({ index, name: interfaceName }) =>
      found
        .filter((each) => each.index === index)
        .flatMap(({ cidr }) => {
          const [text = '', length] = cidr.split('/');
          const address = parseAddress(text);
          return address === undefined ? [] : [{ interfaceName, address, length: Number(length) }];
        }),
    );
  return {
    addresses,
    defaultInterface: {
      4: defaultInterface4(fileContent('/proc/net/route')),
      6: defaultInterface6(fileContent('/proc/net/ipv6_route')),
    },
  };
}
