import { existsSync, rmSync } from 'node:fs';
import { describe, expect } from 'vitest';
import { tools } from '../../../build/tools.ts';
import { BIN, ETCD, NET, type Node, test as onNode, sumOf } from '../../support/install/node.ts';
import { startWatching, until, untilProbe, type Watching } from '../../support/install/watching.ts';

const CONF = `${NET}/10-calico.conflist`;
/** A conflist of the original for the Kubernetes datastore. */
const ORIGINAL = JSON.stringify({
  name: 'k8s-pod-network',
  cniVersion: '1.0.0',
  plugins: [
    {
      type: 'calico',
      datastore_type: 'kubernetes',
      nodename: 'node1',
      policy: { type: 'k8s' },
      kubernetes: { kubeconfig: `${NET}/calico-kubeconfig` },
      ipam: { type: 'calico-ipam' },
    },
  ],
});
const program = () => `${tools().bin}/calico-install`;
const pem = (text: string) => `-----BEGIN ${text}`;

interface Watched {
  start(args?: readonly string[], env?: Readonly<Record<string, string>>): Watching;
  probe(word: '--ready' | '--live'): ReturnType<Node['install']>;
}

/** The node's test with what starts a watch, which is stopped at its end. */
const test = onNode.extend<{ watched: Watched }>({
  watched: async ({ node }, use) => {
    const started: Watching[] = [];
    await use({
      start: (args = ['--watch'], env = ETCD) => {
        const watching = startWatching(node.host, [program(), '--root', node.root, ...args], env);
        started.push(watching);
        return watching;
      },
      probe: (word) => node.host.run(program(), [word], { env: {} }),
    });
    for (const each of started) await each.stop();
  },
});

describe.concurrent('calico-install --watch', { timeout: 60_000 }, () => {
  test('installs, answers its probes, and ends when it is told to', async ({ node, watched }) => {
    expect(await watched.probe('--live')).toMatchObject({
      exit: 1,
      stderr: expect.stringContaining('does not run here'),
    });
    const watching = watched.start();
    await untilProbe(() => watched.probe('--ready'), 0, 'ready\n');
    expect(await watched.probe('--live')).toMatchObject({ exit: 0, stdout: 'live\n', stderr: '' });
    expect(node.files()[`${BIN}/calico`]?.sum).toBe(sumOf(program()));
    expect(watching.said()).toMatch(/^installed .*\/calico\nlinked .*\nlinked .*\nwrote .*\/10-calico.conflist\n$/);
    expect(await watching.stop()).toBe(0);
  });

  test('notices by itself what is lost or changed, and puts it back', async ({ node, watched }) => {
    const watching = watched.start();
    await untilProbe(() => watched.probe('--ready'), 0);
    const text = node.text(CONF);
    rmSync(node.file(`${BIN}/calico-ipam`));
    await watching.says(`another program has removed ${node.root}${BIN}/calico-ipam: put back`);
    expect(node.files()[`${BIN}/calico-ipam`]?.sum).toBe(sumOf(program()));
    rmSync(node.file(CONF));
    node.put(`${BIN}/calico`, 'the original');
    await watching.says(`another program has changed ${node.root}${BIN}/calico: put back`);
    expect(node.files()[`${BIN}/calico`]?.sum).toBe(sumOf(program()));
    expect(node.text(CONF)).toBe(text);
    await untilProbe(() => watched.probe('--ready'), 0);
  });

  test('does not fight: what is changed again and again is left, and said', async ({ node, watched }) => {
    const watching = watched.start();
    await untilProbe(() => watched.probe('--ready'), 0);
    const quarrel = async () => {
      rmSync(node.file(`${BIN}/calico`));
      node.put(`${BIN}/calico`, 'the original');
      await until(
        () => node.files()[`${BIN}/calico`]?.sum === sumOf(program()) || watching.said().includes('again and again'),
        watching.said,
      );
    };
    for (let times = 0; times < 4; times++) await quarrel();
    expect(node.text(`${BIN}/calico`)).toBe('the original');
    expect(watching.said().match(/calico again and again/g)).toHaveLength(1);
    expect(watching.said().match(/changed \S+calico: put back/g)).toHaveLength(1);
    await untilProbe(() => watched.probe('--ready'), 1, 'again and again');
    expect((await watched.probe('--live')).exit).toBe(0);
    watching.hangUp();
    await watching.says('all is as it should be again');
    expect(node.files()[`${BIN}/calico`]?.sum).toBe(sumOf(program()));
  });

  test('waits for a folder that can be written to, and for room on the disk', async ({ node, watched }) => {
    const { host, root } = node;
    const bin = `${root}${BIN}`;
    await host.must('sh', ['-ec', `mkdir -p ${bin}; mount -t tmpfs -o ro,size=3m tmpfs ${bin}`]);
    const watching = watched.start();
    await watching.says(`calico-install: no folder to put the executables into: ${bin}: not writable`);
    await untilProbe(() => watched.probe('--ready'), 1, 'not writable');
    expect((await watched.probe('--live')).exit).toBe(0);
    await host.must('mount', ['-o', 'remount,rw', bin]);
    watching.hangUp();
    await watching.says('the disk is full');
    expect(Object.keys(node.files()).filter((path) => path.startsWith(BIN))).toEqual([]);
    expect(JSON.parse(node.text(CONF))).toMatchObject({ name: 'calico' });
    await host.must('mount', ['-o', 'remount,size=20m', bin]);
    watching.hangUp();
    await watching.says('all is as it should be again');
    expect(node.files()[`${BIN}/calico-ipam`]?.sum).toBe(sumOf(program()));
    await host.must('umount', [bin]);
  });

  test('copies certificates when they change, and keeps the last ones when they are damaged', async ({
    node,
    watched,
  }) => {
    const names = ['etcd-ca', 'etcd-cert', 'etcd-key'];
    const turn = (text: string) => {
      for (const name of names) node.put(`/secrets/${name}`, `${text} ${name}`);
    };
    const copies = () => names.map((name) => node.text(`${NET}/calico-tls/${name}`));
    turn(pem('first'));
    const env = { ...ETCD, TLS_ASSETS_DIR: `${node.root}/secrets` };
    const watching = watched.start(['--watch'], env);
    await untilProbe(() => watched.probe('--ready'), 0);
    turn(pem('second'));
    await until(() => copies().every((text) => text.includes('second')), watching.said);
    node.put('/secrets/etcd-key', 'oops');
    await watching.says('etcd-key is gone or holds no PEM data: the node keeps the last one');
    expect(copies()).toEqual(names.map((name) => `${pem('second')} ${name}`));
    turn(pem('third'));
    watching.hangUp();
    await watching.says('all is as it should be again');
    expect(copies()).toEqual(names.map((name) => `${pem('third')} ${name}`));
  });

  test('writes a damaged record again, so that everything can still be uninstalled', async ({ node, watched }) => {
    const watching = watched.start();
    await untilProbe(() => watched.probe('--ready'), 0);
    node.put(`${NET}/calico-installed`, '{');
    await watching.says('written again');
    await watching.stop();
    const uninstalling = watched.start(['--uninstall', '--watch'], {});
    await untilProbe(() => watched.probe('--ready'), 0);
    expect(node.files()).toEqual({});
    expect(existsSync(node.file(NET))).toBe(true);
    expect(await uninstalling.stop()).toBe(0);
  });

  test('holds its own beside the original, whose files stay when it goes', async ({ node, watched }) => {
    const theirs = () => {
      for (const name of ['calico', 'calico-ipam']) {
        rmSync(node.file(`${BIN}/${name}`), { force: true });
        node.put(`${BIN}/${name}`, 'the original');
      }
      node.put(`${NET}/calico-kubeconfig`, 'token: "x"');
      node.put(CONF, ORIGINAL);
    };
    theirs();
    const watching = watched.start(['--watch'], { CNI_NETWORK_CONFIG: ORIGINAL });
    await watching.says(`${BIN}/calico came from another installer (calico-node’s install-cni?)`);
    await untilProbe(() => watched.probe('--ready'), 0);
    theirs();
    await watching.says(`changed ${node.root}${BIN}/calico: put back`);
    await untilProbe(() => watched.probe('--ready'), 0);
    expect(node.files()[`${BIN}/calico-ipam`]?.sum).toBe(sumOf(program()));
    expect(await watching.stop()).toBe(0);
    theirs();
    node.put(CONF, `${ORIGINAL}\n`);
    expect(await node.install(['--uninstall'], {})).toMatchObject({ exit: 0, stderr: '' });
    expect(Object.keys(node.files())).toEqual(
      [CONF, `${NET}/calico-kubeconfig`, `${BIN}/calico`, `${BIN}/calico-ipam`].sort(),
    );
  });

  test('says when a configuration comes that the runtime prefers', async ({ node, watched }) => {
    const watching = watched.start();
    await untilProbe(() => watched.probe('--ready'), 0);
    node.put(`${NET}/05-other.conflist`, '{}');
    await watching.says(`the runtime uses ${node.root}${NET}/05-other.conflist instead of 10-calico.conflist`);
  });
});
