import { integer, list, object, scalar, text } from '../schema/type.ts';
import type { Rules } from './rules.ts';

const PORTS = ['TCP', '6', 'UDP', '17', 'SCTP', '132'];

const port = object(
  {
    name: text({ format: 'portName', required: true }),
    protocol: scalar('protocol', { required: true }),
    port: integer({ min: 1, max: 65_535, required: true }),
  },
  {
    relations: [
      {
        at: 'protocol',
        reason: 'EndpointPort protocol does not support ports.',
        broken: ({ protocol }) => !PORTS.includes(String(protocol)),
      },
    ],
  },
);

/** HostEndpoint: an interface of a host that policy protects. */
export const hostEndpoint: Rules = {
  spec: object(
    {
      node: text({ format: 'name' }),
      interfaceName: text({ format: 'interface' }),
      expectedIPs: list(text({ format: 'ip' })),
      profiles: list(text({ format: 'name' })),
      ports: list(port),
    },
    {
      relations: [
        {
          at: 'interfaceName',
          reason: 'no interface or expected IPs have been specified',
          broken: ({ interfaceName, expectedIPs }) =>
            !interfaceName && !(Array.isArray(expectedIPs) && expectedIPs.length > 0),
        },
        { at: 'node', reason: 'no node has been specified', broken: ({ node }) => !node },
      ],
    },
  ),
};
