import { mkdirSync, writeFileSync } from 'node:fs';
import { beforeEach, describe, expect } from 'vitest';
import { tools } from '../../../build/tools.ts';
import { type Bed, type Container, test } from '../../support/bed/bed.ts';
import { addressesOf, cniPath, resultOf, silentSuccess } from '../../support/calls/call.ts';
import type { Ran } from '../../support/host/host.ts';
import { netnsPath } from '../../support/network/netns.ts';
import { reaches } from '../../support/network/reach.ts';
import { type Conf, conf } from '../../support/stored/cluster.ts';

const FOLDER = '/run/calico-test/net.d';

beforeEach(({ skip }) => skip(tools().cnitool === undefined, 'cnitool cannot be built here'));

describe.concurrent.for(['0.4.0', '1.0.0'])('cnitool with a list of version %s', (cniVersion) => {
  test('adds, checks and deletes', async ({ bed }) => {
    const container = await bed.container();
    const before = await bed.state();
    writeList(bed, cniVersion, [plugin()]);
    const [address = ''] = addressesOf(resultOf(await cnitool(bed, 'add', container)));
    expect(await reaches(bed.host, address)).toBe(true);
    silentSuccess(await cnitool(bed, 'check', container));
    silentSuccess(await cnitool(bed, 'del', container));
    const after = await bed.state();
    expect(after.host).toEqual(before.host);
    expect(after.pods[container.netns]?.addrs).toEqual([]);
    expect(Object.keys(after.etcd).join()).not.toContain('/ipam/v2/handle/');
  });

  test('gets an error from CHECK when the pod has lost its route', async ({ bed }) => {
    const container = await bed.container();
    writeList(bed, cniVersion, [plugin()]);
    resultOf(await cnitool(bed, 'add', container));
    await bed.host.must('ip', ['-n', container.netns, 'route', 'del', 'default']);
    expect((await cnitool(bed, 'check', container)).exit).not.toBe(0);
  });

  test('chains tuning after ours', async ({ bed }) => {
    const container = await bed.container();
    writeList(bed, cniVersion, [plugin(), { type: 'tuning', sysctl: { 'net.ipv4.conf.all.log_martians': '1' } }]);
    expect(resultOf(await cnitool(bed, 'add', container)).ips).toHaveLength(1);
    silentSuccess(await cnitool(bed, 'check', container));
    silentSuccess(await cnitool(bed, 'del', container));
  });
});

/** Our entry in a list whose version and name apply to all entries. */
function plugin(): Conf {
  const { cniVersion: _, name: __, ...rest } = conf();
  return rest;
}

function writeList(bed: Bed, cniVersion: string, plugins: readonly Conf[]): void {
  mkdirSync(bed.host.file(FOLDER), { recursive: true });
  writeFileSync(bed.host.file(`${FOLDER}/10-net1.conflist`), JSON.stringify({ cniVersion, name: 'net1', plugins }));
}

function cnitool(bed: Bed, verb: string, container: Container): Promise<Ran> {
  const env = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', NETCONFPATH: FOLDER, CNI_PATH: cniPath() };
  return bed.host.run(tools().cnitool ?? '', [verb, 'net1', netnsPath(container.netns)], { env });
}
