import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, beforeEach, describe, expect } from 'vitest';
import { tools } from '../../../build/tools.ts';
import { bundleUnitTests } from '../../quickjs/bundle.ts';
import { test } from '../../support/bed/bed.ts';
import { addressesOf } from '../../support/calls/call.ts';
import { reaches } from '../../support/network/reach.ts';
import { conf } from '../../support/stored/cluster.ts';

/** Those that depend most on the processor; all of them take the emulator more than a quarter of an hour. */
const UNIT_TESTS = ['unit/net/', 'unit/netlink/', 'unit/cni/', 'unit/calico/', 'unit/http2/', 'unit/system/'];

const NAMES = ['calico', 'calico-ipam', 'calicoctl', 'calico-install'];

const parts = () => tools().otherProcessor ?? { emulator: '', host: '', bin: '' };

const folder = mkdtempSync(join(tmpdir(), 'other-processor-'));
/** A script that runs an executable of the other processor. */
const emulated = (name: string) => join(folder, name);

beforeAll(() => {
  for (const name of NAMES) {
    writeFileSync(emulated(name), `#!/bin/sh\nexec ${parts().emulator} ${parts().bin}/${name} "$@"\n`, { mode: 0o755 });
  }
});
afterAll(() => rmSync(folder, { recursive: true }));
beforeEach(({ skip }) => skip(tools().otherProcessor === undefined, 'no qemu, or no cross compiler, can be had here'));

/** Runs on the other processor's native host. */
const onHost = (words: readonly string[], env = {}) =>
  execa(parts().emulator, [parts().host, 'run', ...words], {
    all: true,
    reject: false,
    maxBuffer: 64 << 20,
    env: { PATH: `${dirname(process.execPath)}:${process.env['PATH']}`, ...env },
  });

const NETCONF = JSON.stringify({ cniVersion: '1.1.0', name: 'net1', type: 'calico' });
const ADD = {
  CNI_COMMAND: 'ADD',
  CNI_CONTAINERID: 'c1',
  CNI_NETNS: '/nosuch',
  CNI_IFNAME: 'eth0',
  CNI_PATH: '/nosuch',
};

describe('built for the other processor, the executables answer as those of this one:', () => {
  test.each<[string, string, readonly string[], Record<string, string>, string]>([
    ['VERSION', 'calico', [], { CNI_COMMAND: 'VERSION' }, ''],
    ['VERSION of IPAM', 'calico-ipam', [], { CNI_COMMAND: 'VERSION' }, ''],
    ['no command', 'calico', [], {}, ''],
    ['-v', 'calico', ['-v'], {}, ''],
    ['ADD without its variables', 'calico', [], { CNI_COMMAND: 'ADD' }, NETCONF],
    ['ADD of a broken configuration', 'calico', [], ADD, '{"name":'],
    ['ADD into a namespace that is missing', 'calico', [], ADD, NETCONF],
    ['STATUS without a datastore', 'calico', [], { CNI_COMMAND: 'STATUS', CNI_PATH: '/nosuch' }, NETCONF],
    ['calicoctl version', 'calicoctl', ['version', '--client'], {}, ''],
    ['calicoctl help', 'calicoctl', ['ipam', '--help'], {}, ''],
    ['calicoctl without a datastore', 'calicoctl', ['get', 'nodes'], { ETCD_ENDPOINTS: 'http://127.0.0.1:1' }, ''],
    ['calico-install help', 'calico-install', ['--help'], {}, ''],
  ])('%s', async (_, name, args, env, input) => {
    const options = { env, extendEnv: false, input, reject: false } as const;
    const [here, there] = await Promise.all([
      execa(join(tools().bin, name), args, options),
      execa(emulated(name), args, options),
    ]);
    expect({ exitCode: there.exitCode, stdout: there.stdout }).toEqual({
      exitCode: here.exitCode,
      stdout: here.stdout,
    });
  });
});

describe('on the other processor', { timeout: 900_000 }, () => {
  test("the native host's own tests pass", async () => {
    const { all, exitCode } = await onHost(['build/host/test/main.mjs'], { EMULATOR: parts().emulator });
    expect(all).toMatch(/^\d{2,} passed, 0 failed$/m);
    expect(exitCode).toBe(0);
  });

  test('unit tests pass: numbers, bytes, addresses, netlink, stored values', async () => {
    const file = join(folder, 'unit.mjs');
    await bundleUnitTests(file);
    const { all, exitCode } = await onHost([file, ...UNIT_TESTS]);
    expect(all).toMatch(/(?:^|\n)\d{2,} files: \d{3,} passed, 0 failed(?:\n|$)/);
    expect(exitCode).toBe(0);
  });

  test('pods are added, checked and deleted, and reach each other', async ({ bed }) => {
    const changes = { plugin: emulated('calico'), conf: conf({ cniVersion: '1.1.0' }) };
    const [first, second] = [await bed.container(), await bed.container()];
    const before = await bed.state();
    const [address = ''] = addressesOf(await bed.add(first, changes));
    await bed.add(second, changes);
    expect(await reaches(bed.host, address, second.netns)).toBe(true);
    await bed.del(first, changes);
    await bed.del(second, changes);
    expect((await bed.state()).host).toEqual(before.host);
  });
});
