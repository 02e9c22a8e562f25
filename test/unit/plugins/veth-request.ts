import type { VethRequest } from '../../../plugins/linux/veth-plan.ts';

/** A usual pair of links. */
export const VETH: VethRequest = {
  hostName: 'calix',
  containerName: 'eth0',
  mac: '02:00:00:00:00:01',
  mtu: 0,
  queues: 1,
  addresses: [{ family: 4, address: '10.0.0.5' }],
  routes: [
    { family: 4, dst: '0.0.0.0/0' },
    { family: 6, dst: '::/0' },
  ],
  allowIpForwarding: false,
  hostRoutes: true,
};
