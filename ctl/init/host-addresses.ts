import { networkInterfaces } from 'node:os';
import { fileContent } from '../../shared/call/node-name.ts';
import { parseAddress } from '../../shared/net/address.ts';
import { defaultInterface4, defaultInterface6 } from './default-route.ts';
import type { HostAddresses } from './node-address.ts';

/** This machine's addresses, and the interfaces of its default routes. */
export function hostAddresses(): HostAddresses {
  const addresses = Object.entries(networkInterfaces()).flatMap(([interfaceName, all = []]) =>
    all.flatMap(({ cidr, address: text }) => {
      const address = parseAddress(text);
      const length = Number(cidr?.split('/')[1]);
      return address === undefined || Number.isNaN(length) ? [] : [{ interfaceName, address, length }];
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
