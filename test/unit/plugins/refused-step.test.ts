import { describe, expect, test } from 'vitest';
import { isTaken } from '../../../plugins/linux/kernel.ts';
import { StepRefused } from '../../../plugins/linux/run-steps.ts';
import type { Step } from '../../../plugins/linux/veth-plan.ts';
import { failure } from '../../../shared/error/failure.ts';
import { Errno } from '../../../shared/netlink/errno.ts';
import { KernelRefused } from '../../../shared/netlink/socket.ts';

const end = (name: string) => ({ name, mac: '02:00:00:00:00:01', mtu: 0, queues: 1 });
const PAIR: Step = { make: 'veth', here: end('calic1'), there: end('eth0'), failure: '' };
const DEVICE: Step = { make: 'ifb', name: 'bwp1', mtu: 0, failure: '' };
const refused = (step: Step, errno: number) => new StepRefused(step, new KernelRefused(errno, ''));

describe('a step that the kernel refuses', () => {
  test('fails with Calico’s text, then the kernel’s; the details have the kernel’s message and the command', () => {
    const step: Step = { make: 'up', name: 'calic1', mtu: 0, failure: 'failed to set "calic1" up' };
    expect(new StepRefused(step, new KernelRefused(Errno.noDevice, 'no such link'))).toMatchObject({
      kind: 'refused',
      message: 'failed to set "calic1" up: no such device',
      details: 'no such link: ip link set dev calic1 up',
    });
  });
});

describe('the name of a pair is taken', () => {
  test('when the kernel refuses the pair because it exists, also as the cause of another error', () => {
    expect(isTaken(refused(PAIR, Errno.exists))).toBe(true);
    expect(isTaken(failure('eth0 is another’s', undefined, refused(PAIR, Errno.exists)))).toBe(true);
  });

  test('not when another step’s link exists, nor for another error, nor for the same text', () => {
    expect(isTaken(refused(DEVICE, Errno.exists))).toBe(false);
    expect(isTaken(refused(PAIR, Errno.noDevice))).toBe(false);
    expect(isTaken(failure('file exists'))).toBe(false);
  });
});
