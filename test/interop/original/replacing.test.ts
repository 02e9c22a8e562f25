import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { isInSandbox } from '../../../build/sandbox.ts';
import { tools } from '../../../build/tools.ts';
import { readState } from '../../support/bed/state.ts';
import { callPlugin, resultOf, silentSuccess } from '../../support/calls/call.ts';
import type { Ran } from '../../support/host/host.ts';
import { addNetns, caliLinks, netnsPath } from '../../support/network/netns.ts';
import { reaches } from '../../support/network/reach.ts';
import { rebuildKernel } from './rebuild.ts';
import { type PluginStep, readRecording } from './recording.ts';
import { onStage, type Stage } from './replay.ts';

const BIN = '/opt/cni/bin';
const NET = '/etc/cni/net.d';
const JOURNAL = '/var/lib/calico/cni-journal';

/**
 * A node as the original's installer leaves it. Its executables also have a second name, for a later return to them.
 */
const ORIGINAL = `
mount -t tmpfs tmpfs /opt; mount -t tmpfs tmpfs /etc/cni; mkdir -p ${BIN} ${NET}
for name in calico calico-ipam; do
  echo "the original's $name" > ${BIN}/$name; chmod 755 ${BIN}/$name
  ln ${BIN}/$name ${BIN}/$name.original
done
printf %s "$1" > ${NET}/10-calico.conflist`;
const GO_BACK = `cd ${BIN}; for name in calico calico-ipam; do mv $name.original $name; done`;

/** One pod of the original, kernel and etcd as recorded, and its configuration without name and version. */
async function originals(stage: Stage): Promise<{ readonly step: PluginStep; readonly list: string }> {
  const step = readRecording('add-del').steps[0] as PluginStep;
  await stage.etcd.put(step.etcd);
  await rebuildKernel(stage.host, step);
  stage.pods.push('pod1');
  const { cniVersion: _, name, ...entry } = JSON.parse(step.stdin);
  const list = JSON.stringify({ cniVersion: '0.4.0', name, plugins: [entry] });
  await stage.host.must('sh', ['-ec', ORIGINAL, 'sh', list]);
  return { step, list };
}

const install = ({ host }: Stage, ...args: readonly string[]): Promise<Ran> =>
  host.run(`${tools().bin}/calico-install`, args, { env: {} });

/** Calls what is installed, as the runtime would with the list's configuration. */
async function call(
  stage: Stage,
  command: string,
  netns: string,
  containerID: string,
  more: object = {},
): Promise<Ran> {
  const { plugins, ...common } = JSON.parse(readFileSync(stage.host.file(`${NET}/10-calico.conflist`), 'utf8'));
  const conf = { ...common, ...plugins[0], ...more };
  return callPlugin(stage.host, {
    command,
    plugin: `${BIN}/calico`,
    path: BIN,
    netns: netnsPath(netns),
    containerID,
    conf,
  });
}

const FIRST = '0123456789abcdef0123';
const SECOND = 'fedcba98765432100123';

test.skipIf(!isInSandbox())('the original is replaced while its pods run, and restored while ours run', async () => {
  await onStage(async (stage) => {
    const { step, list } = await originals(stage);
    const { host, etcd, pods } = stage;
    const before = await readState(host, etcd, pods);
    const ran = await install(stage);
    expect(ran).toMatchObject({ exit: 0, stderr: '' });
    expect(ran.stdout).not.toContain('every pod will fail');
    expect(readFileSync(host.file(`${NET}/10-calico.conflist`), 'utf8')).toBe(list);
    expect(await readState(host, etcd, pods)).toEqual(before);

    silentSuccess(await call(stage, 'CHECK', 'pod1', FIRST, { prevResult: JSON.parse(step.stdout) }));
    await addNetns(host, 'pod2');
    pods.push('pod2');
    const [address = ''] = resultOf(await call(stage, 'ADD', 'pod2', SECOND)).ips.map((ip) =>
      ip.address.replace(/\/.*/, ''),
    );
    silentSuccess(await call(stage, 'DEL', 'pod1', FIRST));
    expect(await caliLinks(host)).toHaveLength(1);

    const ours = await readState(host, etcd, pods);
    await host.must('sh', ['-ec', GO_BACK]);
    expect(readFileSync(host.file(`${BIN}/calico`), 'utf8')).toBe("the original's calico\n");
    expect(await readState(host, etcd, pods)).toEqual(ours);
    expect(await reaches(host, address)).toBe(true);
    expect((await install(stage, '--uninstall')).stdout).toContain(`left ${BIN}/calico: changed since installation\n`);
    expect(readdirSync(host.file(BIN)).sort()).toEqual(['calico', 'calico-ipam']);
    expect(readFileSync(host.file(`${NET}/10-calico.conflist`), 'utf8')).toBe(list);
  });
});

test.skipIf(!isInSandbox())('an uninstallation waits until the journal is empty', { timeout: 60_000 }, async () => {
  await onStage(async (stage) => {
    await originals(stage);
    const { host } = stage;
    expect((await install(stage)).exit).toBe(0);
    await host.must('ip', ['link', 'set', 'lo', 'down']);
    silentSuccess(await call(stage, 'DEL', 'pod1', FIRST));
    await host.must('ip', ['link', 'set', 'lo', 'up']);
    const refused = await install(stage, '--uninstall');
    expect(refused).toMatchObject({ exit: 1, stdout: '', stderr: expect.stringContaining('1 release waits') });
    await addNetns(host, 'pod2');
    resultOf(await call(stage, 'ADD', 'pod2', SECOND));
    expect(existsSync(host.file(JOURNAL))).toBe(false);
    const done = await install(stage, '--uninstall');
    expect(done).toMatchObject({ exit: 0, stderr: '', stdout: expect.stringMatching(/note: 1 pod uses Calico here/) });
    expect(existsSync(host.file(`${BIN}/calico`))).toBe(false);
  });
});
