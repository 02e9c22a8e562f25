import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { ociImage } from '../../../build/oci-image.ts';
import { nativeTarget, TARGETS } from '../../../build/targets.ts';
import { tools } from '../../../build/tools.ts';
import { test } from '../../support/bed/bed.ts';
import { startContainerd } from '../../support/containerd/containerd.ts';

const FILE = '/run/calico-test/image.tar';
const REFERENCE = 'localhost/calico-cni:test';
const NAMES = ['calico', 'calico-ipam', 'calicoctl', 'calico-install'];

describe.skipIf(tools().containerd === undefined)('the image', () => {
  test('is imported by containerd, which runs it under each of its names', { timeout: 60_000 }, async ({ bed }) => {
    const containerd = await startContainerd(bed.host, undefined);
    try {
      const executable = readFileSync(join(tools().bin, 'calico'));
      const parts = Object.values(TARGETS).map((target) => ({
        target,
        executable: target === nativeTarget() ? executable : Buffer.from('for another processor'),
      }));
      writeFileSync(bed.host.file(FILE), ociImage(parts, NAMES, REFERENCE));
      expect(await containerd.ctr('images', 'import', FILE)).toMatchObject({ exit: 0 });
      expect((await containerd.ctr('images', 'ls')).stdout).toMatch(
        /localhost\/calico-cni:test .*linux\/amd64,linux\/arm64/,
      );
      const version = (await bed.host.run(`${tools().bin}/calico-install`, ['-v'])).stdout;
      for (const name of NAMES) {
        const cgroup = ['--cgroup', `/calico-test-${bed.host.pid}-${name}`];
        const words = ['run', '--rm', ...cgroup, '--read-only', REFERENCE, name, `/${name}`];
        const ran = await containerd.ctr(...words, name === 'calicoctl' ? '--version' : '-v');
        expect(ran, name).toMatchObject({ exit: 0, stdout: version });
      }
    } finally {
      await containerd.stop();
    }
  });
});
