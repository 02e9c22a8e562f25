import { expect, test } from 'vitest';
import { ROOT } from '../../../build/places.ts';
import { isInSandbox } from '../../../build/sandbox.ts';
import { tools } from '../../../build/tools.ts';
import { type Host, startHost } from '../../support/host/host.ts';

const PROGRAMS =
  'etcd etcdctl ping iperf3 iptables ip6tables containerd ctr runc containerd-shim-runc-v2 busybox cnitool';
const PLUGINS = 'host-local ptp bandwidth portmap tuning loopback bridge macvlan';
const TRAPS = '/run/calico-test/traps';

/** A node where everything is installed. Each program and plugin only reports that it was called. */
const INSTALL = `
mkdir -p ${TRAPS}/bin ${TRAPS}/upper ${TRAPS}/work
mount -t overlay overlay -o lowerdir=/usr,upperdir=${TRAPS}/upper,workdir=${TRAPS}/work /usr
mount -t tmpfs tmpfs /opt
mkdir -p /opt/cni/bin /usr/lib/cni
put() { rm -f "$1"; printf '#!/bin/sh\\necho "$0" >> ${TRAPS}/called; exit 1\\n' > "$1"; chmod 755 "$1"; }
for name in ${PROGRAMS}; do put ${TRAPS}/bin/$name; done
for name in ${PLUGINS}; do put /opt/cni/bin/$name; put /usr/lib/cni/$name; done
for name in iptables etcd runc; do put /usr/sbin/$name; done
ln -sf iptables /usr/sbin/ip6tables`;

async function onNode(work: (host: Host) => Promise<void>): Promise<void> {
  const host = await startHost();
  try {
    await host.must('sh', ['-ec', INSTALL]);
    await work(host);
  } finally {
    await host.stop();
  }
}

/** Runs a line of TypeScript in the checkout, with what is installed first in PATH. */
async function evaluate(host: Host, script: string): Promise<string> {
  const env = { PATH: `${TRAPS}/bin:/usr/sbin:/usr/bin:/sbin:/bin`, CALICO_HOST: tools().host };
  const typescript = ['--import', './build/typescript.mjs', '--input-type=module', '-e', script];
  const ran = await host.run('sh', ['-c', 'cd "$1"; shift; exec "$@"', 'sh', ROOT, process.execPath, ...typescript], {
    env,
  });
  expect(ran.exit, ran.stderr).toBe(0);
  return ran.stdout;
}

test.skipIf(!isInSandbox())('on a node where everything is installed, tests use the parts under .cache', async () => {
  await onNode(async (host) => {
    const script = `import { setup } from './build/setup.ts'; console.log(JSON.stringify(await setup(['chain'])))`;
    const found = JSON.parse(await evaluate(host, script));
    // Those of the tests that are chosen are among them.
    expect(tools()).toMatchObject(found);
    expect(found).toMatchObject({ etcd: tools().etcd, containerd: tools().containerd });
    const paths = [JSON.stringify(found).match(/"(\/[^"]*)"/g) ?? []]
      .flat()
      .flatMap((text) => JSON.parse(text).split(':'));
    expect(paths.filter((path) => !path.startsWith(`${ROOT}/`))).toEqual([]);
  });
});

test.skipIf(!isInSandbox())("what is installed is not visible inside the tests' namespaces", async () => {
  await onNode(async (host) => {
    await evaluate(host, `import { hideInstalled } from './build/installed.ts'; hideInstalled()`);
    const look =
      'ls /opt/cni/bin /usr/lib/cni | grep -v :; for name in "$@"; do command -v "$name" && "$name"; done; :';
    const { stdout } = await host.run('sh', ['-c', look, 'sh', 'iptables', 'ip6tables', 'etcd', 'runc']);
    expect(stdout.trim()).toBe('');
    expect(await host.must('ip', ['-V'])).toContain('iproute2');
  });
});
