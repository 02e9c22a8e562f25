import { expect, test } from 'vitest';
import { decodeEndpoint } from '../../../ctl/check/endpoints.ts';
import type { Entry } from '../../../shared/datastore/query.ts';
import { CALICO, type Given, NETWORKED, pod, REPORTED, RETRACTED, shown } from './sample-pod.ts';

const GIVEN = { ...NETWORKED, [`${CALICO}podIP`]: '10.0.0.9/32', [`${CALICO}podIPs`]: '10.0.0.9/32,fd00::9/128' };

const PODS: Readonly<Record<string, Given>> = {
  'a pod with annotations': { annotations: NETWORKED },
  'a pod whose addresses the kubelet reports': { status: REPORTED },
  'a pod whose addresses the plugin and the kubelet agree on': { annotations: GIVEN, status: REPORTED },
  'a pod with one reported address': { status: { podIP: '10.0.0.9' } },
  'a pod without addresses': {},
  'a pod that has ended': { annotations: NETWORKED, status: { ...REPORTED, phase: 'Succeeded' } },
  'a pod that is being deleted, and released': {
    annotations: RETRACTED,
    metadata: { deletionTimestamp: '2026-11-28T01:20:00Z' },
    status: REPORTED,
  },
  'a pod with addresses of another plugin': { annotations: { 'vpc.amazonaws.com/pod-ips': '10.3.0.1' } },
  'a pod on the host’s network': { annotations: NETWORKED, spec: { hostNetwork: true } },
  'a pod that is not scheduled': { spec: { nodeName: undefined } },
  'a pod with null for a status': { annotations: NETWORKED, status: { podIPs: null, podIP: null } },
  'a pod with null for annotations': { metadata: { annotations: null }, status: REPORTED },
  'a pod with an address that is none': { annotations: { [`${CALICO}podIPs`]: 'nonsense' } },
  'a pod with a number for an address': { status: { podIPs: [{ ip: 7 }] } },
  'a pod with a number for an annotation': { annotations: { [`${CALICO}containerID`]: 7 } },
};

/** What a check learns of a pod: its endpoint, that it has none, or why it cannot be read. */
function learned(decode: (object: ReturnType<typeof pod>) => Entry | undefined, given: Given): unknown {
  try {
    const entry = decode(pod(given));
    return entry === undefined ? 'nothing' : { at: entry.at, ...decodeEndpoint(entry) };
  } catch (thrown) {
    return (thrown as Error).message;
  }
}

test.each(Object.entries(PODS))('%s is the same in brief', (_, given) => {
  const whole = learned(shown.decode, given);
  expect(learned((object) => shown.brief?.decode(object), given)).toEqual(whole);
});

test('an annotation that says nothing of addresses does not matter', () => {
  const annotations = { ...NETWORKED, [`${CALICO}floatingIPs`]: 'nonsense' };
  expect(learned(shown.decode, { annotations })).toMatch('failed to parse');
  expect(learned((object) => shown.brief?.decode(object), { annotations })).toMatchObject({ node: 'node-1' });
});

const addressesIn = (given: Given) => {
  const entry = shown.brief?.decode(pod(given));
  if (typeof entry !== 'object') throw new Error('not read in brief');
  const { ipNetworks, reportedNetworks } = JSON.parse(entry.value).spec;
  return { ipNetworks, reportedNetworks };
};

test('where the kubelet reports other addresses, a pod in brief has both: those that the plugin gave it are its own', () => {
  expect(addressesIn({ annotations: NETWORKED, status: REPORTED })).toEqual({
    ipNetworks: ['192.168.89.114', 'fd00::5'],
    reportedNetworks: ['10.0.0.9', 'fd00::9'],
  });
  expect(addressesIn({ annotations: RETRACTED, status: REPORTED })).toEqual({
    ipNetworks: [],
    reportedNetworks: ['10.0.0.9', 'fd00::9'],
  });
});

test('a kubelet that knows one family takes none from a pod in brief', () => {
  expect(addressesIn({ annotations: GIVEN, status: { podIP: '10.0.0.9' } })).toEqual({
    ipNetworks: ['10.0.0.9', 'fd00::9'],
  });
});
