import { describe, expect, test } from 'vitest';
import { mayRunMachine } from '../../../ipam/config/launcher-name.ts';
import { type FoundMachine, machineLeft, machineToServe } from '../../../ipam/config/virtual-machine.ts';
import { readLauncher, readMachine } from '../../../shared/kubernetes/virtual-machine.ts';

const KEEPING = { network: 'net', persists: true };
const owner = (kind: string, name: string, uid: string, more: object = { controller: true }) => ({
  ...{ apiVersion: 'kubevirt.io/v1', kind, name, uid },
  ...more,
});
const launcher = (metadata: object = {}) =>
  readLauncher({ metadata: { ownerReferences: [owner('VirtualMachineInstance', 'vm1', 'i-1')], ...metadata } });
const instance = (metadata: object = {}) =>
  readMachine({ metadata: { uid: 'i-1', ownerReferences: [owner('VirtualMachine', 'vm1', 'm-1', {})], ...metadata } });
const machine = (metadata: object = {}) => readMachine({ metadata: { uid: 'm-1', ...metadata } });
const DYING = { deletionTimestamp: '2026-11-28T01:21:01Z' };

const found = (changes: Partial<FoundMachine> = {}): FoundMachine => ({
  namespace: 'prod',
  pod: 'virt-launcher-vm1-abcde',
  launcher: launcher(),
  instance: instance(),
  machine: machine(),
  isKnown: true,
  ...changes,
});

test('only a pod with the name of a launcher is asked about', () => {
  const pod = (k8sPodName: string, k8sPodNamespace = 'prod') => mayRunMachine({ k8sPodName, k8sPodNamespace });
  expect([pod('virt-launcher-vm1-abcde'), pod('web-0'), pod('a-virt-launcher-x'), pod('virt-launcher-x', '')]).toEqual([
    true,
    false,
    false,
    false,
  ]);
});

describe('an ADD', () => {
  test('serves the machine under a handle of its name, and its owner’s attributes', () => {
    expect(machineToServe(found(), KEEPING)).toEqual({
      handleID: 'net.vmi.prod.vm1',
      attributes: { 'vmi-name': 'vm1', 'vmi-uid': 'i-1', 'vm-uid': 'm-1' },
      isTarget: false,
    });
    const moving = found({ launcher: launcher({ labels: { 'kubevirt.io/migrationJobUID': 'j-1' } }) });
    expect(machineToServe(moving, KEEPING)).toMatchObject({ isTarget: true, attributes: { 'vmim-uid': 'j-1' } });
    const alone = found({ instance: instance({ ownerReferences: null }), machine: undefined });
    expect(machineToServe(alone, KEEPING)?.attributes).toEqual({ 'vmi-name': 'vm1', 'vmi-uid': 'i-1' });
  });

  test.each([
    ['another controller', owner('ReplicaSet', 'vm1', 'i-1')],
    ['an owner that is no controller', owner('VirtualMachineInstance', 'vm1', 'i-1', {})],
    ['another group', { ...owner('VirtualMachineInstance', 'vm1', 'i-1'), apiVersion: 'example.com/v1' }],
  ])('serves no machine for a pod with %s', (_, reference) => {
    expect(machineToServe(found({ launcher: launcher({ ownerReferences: [reference] }) }), KEEPING)).toBeUndefined();
  });

  test('serves an ordinary pod when machines do not keep addresses, and refuses the target of a migration', () => {
    const off = { ...KEEPING, persists: false };
    expect(machineToServe(found(), off)).toBeUndefined();
    const moving = found({ launcher: launcher({ labels: { 'kubevirt.io/migrationJobUID': 'j-1' } }) });
    expect(() => machineToServe(moving, off)).toThrow('live migration target pod is not allowed when');
  });

  test('does not need the machine that owns the instance', () => {
    expect(machineToServe(found({ machine: undefined }), KEEPING)?.attributes['vm-uid']).toBe('m-1');
  });

  test('refuses names that are too long to be stored', () => {
    expect(() => machineToServe(found({ namespace: 'n'.repeat(120) }), KEEPING)).toThrow(
      'names of the virtual machine',
    );
  });
});

describe('a DEL', () => {
  test.each([
    ['lives', {}, false],
    ['is being deleted', { machine: machine(DYING) }, true],
    ['is gone', { machine: undefined }, true],
    ['was created anew beside its old instance', { machine: machine({ uid: 'm-2' }) }, true],
    ['restarts: its instance is being deleted', { instance: instance(DYING) }, false],
    ['restarts: its instance is gone', { instance: undefined }, false],
    ['is gone with its instance', { instance: undefined, machine: undefined }, true],
    ['is gone with its instance and pod', { launcher: undefined, instance: undefined, machine: undefined }, true],
    ['never was: an instance alone', { instance: instance({ ownerReferences: [] }), machine: undefined }, false],
    ['never was: an instance alone, being deleted', { instance: instance({ ...DYING, ownerReferences: [] }) }, true],
  ] as const)('of a machine that %s', (_, changes, isEnding) => {
    expect(machineLeft(found(changes), KEEPING, 'c1')).toEqual({ handleID: 'net.vmi.prod.vm1', isEnding });
  });

  test('of a machine that keeps no addresses any more releases what it got before', () => {
    expect(machineLeft(found(), { ...KEEPING, persists: false }, 'c1')).toMatchObject({ isEnding: true });
  });

  test('leaves the machine alone when the pod has a newer container, or no machine', () => {
    const shown = (containerID: string, podIP = '10.0.0.1/32') =>
      launcher({
        annotations: { 'cni.projectcalico.org/containerID': containerID, 'cni.projectcalico.org/podIP': podIP },
      });
    expect(machineLeft(found({ launcher: shown('c2') }), KEEPING, 'c1')).toBeUndefined();
    expect(machineLeft(found({ launcher: shown('c1') }), KEEPING, 'c1')).toBeDefined();
    expect(machineLeft(found({ launcher: shown('c2', '') }), KEEPING, 'c1')).toBeDefined();
    expect(machineLeft(found({ launcher: launcher({ ownerReferences: [] }) }), KEEPING, 'c1')).toBeUndefined();
    expect(machineLeft(found({ pod: 'virt-launcher-x', launcher: undefined }), KEEPING, 'c1')).toBeUndefined();
    const removed = { launcher: undefined, instance: undefined, machine: undefined, isKnown: false };
    expect(machineLeft(found(removed), KEEPING, 'c1')).toBeUndefined();
  });
});
