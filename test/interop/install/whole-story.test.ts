import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { expect, test } from 'vitest';
import { ROOT } from '../../../build/places.ts';
import { isInSandbox } from '../../../build/sandbox.ts';
import { tools } from '../../../build/tools.ts';
import { machine } from '../../support/bed/etcd-machine.ts';
import { type Containerd, startContainerd } from '../../support/containerd/containerd.ts';
import { makeImage } from '../../support/containerd/sandboxes.ts';
import type { Host } from '../../support/host/host.ts';
import { caliLinks } from '../../support/network/netns.ts';

const TITLE = '### From an empty etcd to a pod that answers';
const IMAGE = 'docker.io/library/busybox:latest';
/** The commands call STATUS, which cnitool supports from 1.3 on. An older Go builds an older cnitool. */
const hasParts = () =>
  isInSandbox() && /\/v1\.(?:[3-9]|\d\d)\./.test(tools().cnitool ?? '') && tools().containerd !== undefined;

/** The commands that README shows below the title, unchanged. */
function commands(): string {
  const [, after = ''] = readFileSync(`${ROOT}/README.md`, 'utf8').split(TITLE);
  const [, block = ''] = /```sh\n([\s\S]*?)```/.exec(after) ?? [];
  return block;
}

test.skipIf(!hasParts())(
  "an empty etcd, cnitool and `ctr run --cni` lead to pods that answer, with README's commands",
  { timeout: 120_000 },
  async () => {
    const { host, etcd } = await machine({});
    const containerd = await startContainerd(host, []);
    const namespace = `calico-test-${host.pid}`;
    try {
      // A node without any CNI files.
      await host.must('sh', ['-ec', 'mount -t tmpfs tmpfs /opt; mount -t tmpfs tmpfs /etc/cni']);
      await importImage(host, containerd, namespace);
      const env = environment(containerd, namespace);
      const { exit, stdout, stderr } = await host.run('sh', ['-exc', `cd ${ROOT}\n${commands()}`], { env });
      expect(exit, `${stdout}${stderr}`).toBe(0);
      expect(stdout.match(/1 packets received/g)).toHaveLength(2);
      expect(stderr).toMatch(/^\+ cnitool status calico /m);
      expect(stdout).toContain('"cniVersion": "1.1.0"');
      expect(JSON.parse(readFileSync(host.file('/etc/cni/net.d/10-calico.conflist'), 'utf8')).name).toBe('calico');
      expect(await caliLinks(host)).toEqual([]);
      await etcd.del(...Object.keys(await etcd.dump()).filter((key) => key.includes('/ippools/')));
      const asked = { env: { ...env, CNI_PATH: '/opt/cni/bin' } };
      const status = await host.run(tools().cnitool ?? '', ['status', 'calico', '/var/run/netns/pod1'], asked);
      expect(status).toMatchObject({ exit: 1, stderr: expect.stringContaining('cannot find a qualified ippool') });
      expect(Object.keys(await etcd.dump()).join()).not.toMatch(/\/handle\/|workloadendpoints/);
    } finally {
      await containerd.stop();
      const folders = `find /sys/fs/cgroup -depth -type d -path '*/${namespace}*' -exec rmdir {} +`;
      await host.run('sh', ['-c', folders]);
    }
  },
);

/** A shell's usual environment, plus this containerd's paths. Its layers are in memory. */
function environment({ socket }: Containerd, namespace: string): Record<string, string> {
  const { cnitool = '', ping, containerd } = tools();
  const folders = [dirname(cnitool), dirname(ping), containerd?.path, '/usr/sbin:/usr/bin:/sbin:/bin'];
  return {
    PATH: folders.join(':'),
    CONTAINERD_ADDRESS: socket,
    CONTAINERD_NAMESPACE: namespace,
    CONTAINERD_SNAPSHOTTER: 'native',
  };
}

/** Replaces a registry. */
async function importImage(host: Host, { ctr }: Containerd, namespace: string): Promise<void> {
  const imported = await ctr(
    '-n',
    namespace,
    'images',
    'import',
    '--snapshotter',
    'native',
    await makeImage(host, IMAGE),
  );
  expect(imported).toMatchObject({ exit: 0 });
}
