import { writeFileSync } from 'node:fs';
import { afterEach, expect, test } from 'vitest';
import { ADMIN_TOKEN } from '../../support/kubernetes/api-server.ts';
import { writeKubeconfig } from '../../support/kubernetes/pods.ts';
import type { KubernetesBed } from '../../support/kubernetes-datastore/bed.ts';
import { inBothGroups, inOneGroup } from '../../support/kubernetes-datastore/cluster-of-tests.ts';
import type { Said } from '../../support/watch/copy-program.ts';
import { type Follower, startFollower } from '../../support/watch/follower.ts';

const ADMIN = '/run/calico-test/admin-kubeconfig';
const TOKEN_FILE = '/run/calico-test/token';
const BLOCK = '192.168.89.64/28';
const NODES = '/api/v1/nodes';

const started: Follower[] = [];
afterEach(async () => {
  for (const follower of started.splice(0)) await follower.stop();
});

async function follow({ host, kubernetes }: KubernetesBed, kubeconfig = ADMIN): Promise<Follower> {
  if (kubeconfig === ADMIN) writeKubeconfig({ host }, kubernetes, ADMIN_TOKEN, ADMIN);
  const follower = await startFollower(host, { DATASTORE_TYPE: 'kubernetes', KUBECONFIG: kubeconfig });
  started.push(follower);
  return follower;
}

const addNode = ({ kubernetes }: KubernetesBed, number: number) =>
  kubernetes.create(NODES, {
    metadata: { name: `node${number}`, annotations: { 'projectcalico.org/IPv4Address': `10.0.0.${number}/24` } },
  });

const removeNode = ({ ask }: KubernetesBed, number: number) => ask('DELETE', `${NODES}/node${number}`);

const nodesIn = ({ holds }: Said): string => Object.keys(holds?.nodes ?? {}).join();

/** Keeps a process from noticing anything until the work is done. */
async function unseen({ pid }: Follower, work: () => Promise<unknown>): Promise<void> {
  process.kill(pid, 'SIGSTOP');
  await work();
  process.kill(pid, 'SIGCONT');
}

inBothGroups('a copy of the Kubernetes API, %s', (bed) => {
  test('holds what is stored, and follows its changes', async () => {
    const follower = await follow(bed);
    const first = await follower.until((said) => nodesIn(said) === 'node1,node2');
    expect(first.holds?.pools.length).toBe(1);
    await bed.apply(bed.objects.block(BLOCK, { node: 'node2' }));
    await addNode(bed, 3);
    await follower.until(({ holds }) => holds?.nodes['node3'] === '10.0.0.3' && holds.blocks[BLOCK] === 'node2');
    // The original deletes a block in three steps; after the first it is none.
    await bed.apply(bed.objects.block(BLOCK, { node: 'node2', spec: { deleted: true } }));
    await removeNode(bed, 3);
    const last = await follower.until(
      (said) => nodesIn(said) === 'node1,node2' && said.holds?.blocks[BLOCK] === undefined,
    );
    expect(last.holds?.blocks).toEqual({});
    expect(follower.said.flatMap(({ trouble }) => trouble ?? [])).toEqual([]);
  });
});

inOneGroup('a copy of the Kubernetes API', (bed) => {
  test('stays as it was while the API server is away, and goes on from there', async () => {
    const follower = await follow(bed);
    await follower.until((said) => nodesIn(said) === 'node1,node2');
    await bed.kubernetes.kill();
    const away = await follower.until(({ trouble }) => trouble !== undefined);
    expect(away.trouble).toContain('the Kubernetes API server cannot be reached');
    expect(nodesIn(away)).toBe('node1,node2');
    await bed.kubernetes.restart();
    await addNode(bed, 4);
    await follower.until((said) => nodesIn(said) === 'node1,node2,node4' && said.trouble === undefined);
    await removeNode(bed, 4);
    await follower.until((said) => nodesIn(said) === 'node1,node2');
  });

  test('reads everything again when the API server no longer has what it missed', async () => {
    await addNode(bed, 5);
    const follower = await follow(bed);
    await follower.until((said) => nodesIn(said) === 'node1,node2,node5');
    await unseen(follower, async () => {
      // What is sent before this would wait in the process's socket.
      await bed.kubernetes.kill();
      await bed.kubernetes.restart();
      await removeNode(bed, 5);
      await addNode(bed, 6);
      await bed.kubernetes.kill();
      await bed.kubernetes.compact();
      await bed.kubernetes.restart();
    });
    await follower.until((said) => nodesIn(said) === 'node1,node2,node6');
    await removeNode(bed, 6);
    await follower.until((said) => nodesIn(said) === 'node1,node2');
  });

  test('notices that the API server hangs, and goes on when it no longer does', { timeout: 120_000 }, async () => {
    const follower = await follow(bed);
    await follower.until((said) => nodesIn(said) === 'node1,node2');
    bed.kubernetes.pause();
    const away = await follower.until(({ trouble }) => trouble !== undefined);
    expect(nodesIn(away)).toBe('node1,node2');
    bed.kubernetes.resume();
    await addNode(bed, 7);
    await follower.until((said) => nodesIn(said) === 'node1,node2,node7' && said.trouble === undefined);
    await removeNode(bed, 7);
  });

  test('reads its token again when the API server no longer takes it', async () => {
    const path = '/run/calico-test/kubeconfig-with-file';
    writeKubeconfig(bed, bed.kubernetes, ADMIN_TOKEN, path);
    writeFileSync(bed.host.file(TOKEN_FILE), ADMIN_TOKEN);
    await bed.host.must('sed', ['-i', `s|token:.*|tokenFile: ${TOKEN_FILE}|`, path]);
    const follower = await follow(bed, path);
    await follower.until((said) => nodesIn(said) === 'node1,node2');
    writeFileSync(bed.host.file(TOKEN_FILE), 'expired');
    await bed.kubernetes.kill();
    await bed.kubernetes.restart();
    const refused = await follower.until(({ trouble }) => /unauthorized/.test(trouble ?? ''));
    expect(nodesIn(refused)).toBe('node1,node2');
    writeFileSync(bed.host.file(TOKEN_FILE), ADMIN_TOKEN);
    await follower.until(({ trouble }) => trouble === undefined);
  });

  test('says which right is missing', async () => {
    const path = '/run/calico-test/kubeconfig';
    const follower = await follow(bed, path);
    const refused = await follower.until(({ trouble }) => trouble !== undefined);
    expect(refused.trouble).toContain('connection is unauthorized');
    expect(refused.trouble).toContain('verbs: ["list", "watch"]');
  });
});
