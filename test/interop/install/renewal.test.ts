import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addressesOf } from '../../support/calls/call.ts';
import {
  bind,
  claimsOf,
  createAccounts,
  INSTALLERS_BINDING,
  recreateAccount,
  tokenOf,
} from '../../support/install/accounts.ts';
import { type Image, openImage } from '../../support/install/image.ts';
import { until, untilProbe, type Watching } from '../../support/install/watching.ts';
import { hasKubernetes } from '../../support/kubernetes/api-server.ts';
import { podArgs } from '../../support/kubernetes/pods.ts';
import { bedForTests } from '../../support/kubernetes-datastore/cluster-of-tests.ts';

const NET = '/etc/cni/net.d';
const ENV = {
  KUBERNETES_SERVICE_HOST: '127.0.0.1',
  KUBERNETES_SERVICE_PORT: '6443',
  KUBERNETES_NODE_NAME: 'node1',
  // The shortest life that API servers give.
  CNI_TOKEN_SECONDS: '600',
};
/** `npm run renewal`: nothing is done to the clock, and the test waits for half of the token's life. */
const inRealTime = process.env['CALICO_RENEWAL'] === 'real-time';

describe.skipIf(!hasKubernetes())('calico-install --watch in a pod of a real cluster', { timeout: 90_000 }, () => {
  const bed = bedForTests();
  let image: Image;
  let watching: Watching;
  let uptime = 1_000;

  const kubeconfig = () => readFileSync(bed.host.file(`${NET}/calico-kubeconfig`), 'utf8');
  const claims = () => claimsOf(kubeconfig());
  const probe = (word: string) => () => image.install([word], {});
  const pass = async (seconds: number) => {
    uptime += seconds;
    await image.setUptime(uptime);
    watching.hangUp();
  };
  /** Waits for another token than this one. */
  const renewed = (before: string) => until(() => kubeconfig() !== before, watching.said);

  /** A pod's whole life with the conflist and kubeconfig that the node has now. */
  async function runPod(): Promise<void> {
    const list = JSON.parse(readFileSync(bed.host.file(`${NET}/10-calico.conflist`), 'utf8'));
    const conf = JSON.stringify({ cniVersion: list.cniVersion, name: list.name, ...list.plugins[0], mtu: 0 });
    const container = await bed.container();
    const changes = { args: podArgs(await bed.pod()), conf, plugin: '/opt/cni/bin/calico', path: '/opt/cni/bin' };
    expect(addressesOf(await bed.add(container, changes))).toHaveLength(1);
    await bed.del(container, changes);
  }

  beforeAll(async () => {
    await createAccounts(bed.kubernetes);
    image = await openImage(bed.host, []);
    const ca = readFileSync(bed.host.file(bed.kubernetes.ca), 'utf8');
    await image.mountAccount({ token: await tokenOf(bed.kubernetes, 'calico-node'), ca, namespace: 'kube-system' });
    if (!inRealTime) await image.setUptime(uptime);
    watching = image.watch(ENV);
    await untilProbe(probe('--ready'), 0);
  });
  afterAll(() => watching?.stop());

  test('writes conflist and kubeconfig of the Kubernetes datastore, with which pods get addresses', async () => {
    const { sub, iat, exp } = claims();
    expect({ sub, life: exp - iat }).toEqual({ sub: 'system:serviceaccount:kube-system:calico-cni-plugin', life: 600 });
    expect(watching.said()).not.toMatch(/eyJ/);
    await runPod();
  });

  test.runIf(inRealTime)('renews the token after five minutes', { timeout: 330_000 }, async () => {
    const [before, first] = [kubeconfig(), claims()];
    while (kubeconfig() === before) await sleep(1_000);
    const second = claims();
    console.log(
      `${watching.said()}issued at ${first.iat}, renewed ${second.iat - first.iat} s later, of ${first.exp - first.iat} s`,
    );
    expect(second.iat - first.iat).toBeLessThanOrEqual(306);
    await runPod();
  });

  describe.skipIf(inRealTime)('with a clock of its own', () => {
    test('renews the token when half of its life is over, and not before', async () => {
      const before = kubeconfig();
      await pass(260);
      await untilProbe(probe('--ready'), 0);
      expect(kubeconfig()).toBe(before);
      await pass(41);
      await renewed(before);
      expect(claims().exp - claims().iat).toBe(600);
      await runPod();
    });

    test('goes on with the token it has while the API server is away, and renews it afterwards', async () => {
      const before = kubeconfig();
      await bed.kubernetes.kill();
      await pass(301);
      await watching.says('calico-install: Kubernetes API server https://127.0.0.1:6443 cannot be reached');
      await untilProbe(probe('--ready'), 1, 'cannot be reached');
      expect((await probe('--live')()).exit).toBe(0);
      await pass(10);
      expect(kubeconfig()).toBe(before);
      await bed.kubernetes.restart();
      await pass(400);
      await renewed(before);
      await watching.says('all is as it should be again');
      expect(watching.said().match(/cannot be reached/g)).toHaveLength(1);
      await runPod();
    });

    test('says which right it lacks, until it has it', async () => {
      const before = kubeconfig();
      await bed.ask('DELETE', INSTALLERS_BINDING);
      await until(async () => {
        await pass(301);
        await sleep(200);
        return watching.said().includes('needs create on serviceaccounts/token');
      }, watching.said);
      await bind(bed.kubernetes, 'calico-install', 'calico-node');
      const known = kubeconfig();
      await until(async () => {
        await pass(100);
        await sleep(200);
        return kubeconfig() !== known;
      }, watching.said);
      expect(known === before || claimsOf(known).iat >= claimsOf(before).iat).toBe(true);
      await runPod();
    });

    test('gets a new token when the plugin’s account was deleted and made again', async () => {
      const before = kubeconfig();
      await recreateAccount(bed.kubernetes, 'calico-cni-plugin');
      await until(async () => {
        await pass(20);
        await sleep(200);
        return kubeconfig() !== before;
      }, watching.said);
      await runPod();
    });

    test('keeps what another program renews', async () => {
      const token = await tokenOf(bed.kubernetes, 'calico-cni-plugin');
      await sleep(1_000);
      const theirs = kubeconfig().replace(/token: .*/, `token: ${token}`);
      await bed.host.must('sh', ['-c', `printf %s "$1" > ${NET}/calico-kubeconfig`, 'sh', theirs]);
      watching.hangUp();
      await watching.says('another program (calico/node?) renews the token in calico-kubeconfig: it stays');
      expect(kubeconfig()).toBe(theirs);
      await untilProbe(probe('--ready'), 0);
    });

    test('started again without an API server, goes on with the node’s token, and ends at once when told to', async () => {
      const before = kubeconfig();
      expect(await watching.stop()).toBe(0);
      bed.kubernetes.pause();
      watching = image.watch(ENV);
      await untilProbe(probe('--ready'), 1, 'installing');
      expect(await watching.stop()).toBe(0);
      await bed.kubernetes.kill();
      watching = image.watch(ENV);
      await watching.says('cannot be reached');
      expect(kubeconfig()).toBe(before);
      await bed.kubernetes.restart();
      // The token put there in the last test is good for an hour, but may be refused.
      await pass(6);
      await renewed(before);
    });

    test('is uninstalled without a trace', async () => {
      await watching.stop();
      const { exit, stderr } = await image.install(['--uninstall'], {});
      expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' });
      expect(await bed.host.must('find', ['/opt/cni/bin', NET, '-type', 'f'])).toBe('');
    });
  });
});
