import { expect, test } from 'vitest';
import type { Endpoint } from '../../../ctl/check/endpoints.ts';
import { kernelFindings, readKernel } from '../../../ctl/check/on-node.ts';
import { endpointRef } from '../../../shared/datastore/ref.ts';

const EMPTY = readKernel([], []);

const endpoint = (addresses: Endpoint['addresses']): Endpoint => ({
  ref: endpointRef('prod', 'node1-k8s-web-eth0'),
  version: '1',
  node: 'node1',
  containerID: 'c1',
  interfaceName: 'cali1',
  addresses,
});

const kindsFor = (addresses: Endpoint['addresses']) =>
  kernelFindings('node1', { endpoints: [endpoint(addresses)], nodes: new Set(['node1']) }, EMPTY, EMPTY).map(
    ({ kind }) => kind,
  );

test('an endpoint whose interface is missing is found, unless it is a pod that has lost its addresses by its DEL', () => {
  expect(kindsFor([0x0a000001])).toEqual(['no-veth']);
  expect(kindsFor([])).toEqual([]);
});
