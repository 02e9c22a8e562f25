import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { tools } from '../../../build/tools.ts';
import { addressesOf } from '../../support/calls/call.ts';
import { hasKubernetes } from '../../support/kubernetes/api-server.ts';
import { kddPod } from '../../support/kubernetes-datastore/bed.ts';
import { adminEnvironment } from '../../support/kubernetes-datastore/calicoctl.ts';
import { bedForTests } from '../../support/kubernetes-datastore/cluster-of-tests.ts';
import { defineOtherKinds } from '../../support/kubernetes-datastore/other-kinds.ts';

const HOME = '/run/calico-test/home';
/** Programs of the tutorials, by their usual names. */
const BIN = `${HOME}/bin`;
const BGP = `apiVersion: projectcalico.org/v3
kind: BGPConfiguration
metadata:
  name: default
spec:
  logSeverityScreen: Info
  nodeToNodeMeshEnabled: true
  asNumber: 63400
`;

describe.skipIf(!hasKubernetes() || tools().kubectl === undefined)('the usual tutorials', () => {
  const bed = bedForTests();

  /** Types a line into a shell of the machine. */
  async function type(line: string, status = 0): Promise<string> {
    const env = { PATH: `${BIN}:/usr/sbin:/usr/bin:/sbin:/bin`, HOME };
    const { exit, stdout, stderr } = await bed.host.run('sh', ['-ec', `cd ${HOME}; ${line}`], { env });
    expect([exit, stderr], `${line}\n${stdout}`).toEqual([status, status === 0 ? '' : expect.anything()]);
    return stdout;
  }
  const EXPORTED = 'export DATASTORE_TYPE=kubernetes KUBECONFIG=~/.kube/config';

  beforeAll(async () => {
    await defineOtherKinds(bed.ask, bed.group);
    for (const folder of [`${HOME}/.kube`, BIN]) mkdirSync(bed.host.file(folder), { recursive: true });
    const { KUBECONFIG } = adminEnvironment(bed);
    await bed.host.must('sh', [
      '-ec',
      `cp ${KUBECONFIG} ${HOME}/.kube/config; ln -s ${tools().bin}/calicoctl ${tools().kubectl} ${BIN}/`,
    ]);
    writeFileSync(bed.host.file(`${HOME}/bgpconfig.yaml`), BGP);
  });

  test('configure calicoctl by variables, by those of Calico, or by a file', async () => {
    const shown = await type(`${EXPORTED}; calicoctl get nodes`);
    expect(shown).toMatch(/^NAME +\nnode1 +\nnode2 +\n/);
    const prefixed = 'export CALICO_DATASTORE_TYPE=kubernetes CALICO_KUBECONFIG=~/.kube/config';
    expect(await type(`${prefixed}; calicoctl get nodes`)).toBe(shown);
    const file = `apiVersion: projectcalico.org/v3
kind: CalicoAPIConfig
metadata:
spec:
  datastoreType: "kubernetes"
  kubeconfig: "${HOME}/.kube/config"
`;
    mkdirSync(bed.host.file('/run/calico-test/etc'), { recursive: true });
    writeFileSync(bed.host.file('/run/calico-test/etc/calicoctl.cfg'), file);
    expect(await type('calicoctl -c /run/calico-test/etc/calicoctl.cfg get nodes')).toBe(shown);
  });

  test('apply a configuration of BGP, and change it', async () => {
    await type(`${EXPORTED}; calicoctl apply -f bgpconfig.yaml`);
    expect(await type(`${EXPORTED}; calicoctl get bgpconfig default`)).toMatch(/default +Info +true +63400/);
    await type(`${EXPORTED}; calicoctl patch bgpconfig default --patch '{"spec": {"asNumber": "64513"}}'`);
    expect(await type(`${EXPORTED}; calicoctl get bgpconfig default -o yaml`)).toContain('asNumber: 64513\n');
    expect(await type('kubectl get bgpconfigurations default -o jsonpath={.spec.asNumber}')).toBe('64513');
  });

  test('look for a pod and its address, and release it', async () => {
    const name = await bed.pod();
    const container = await bed.container();
    const [address = ''] = addressesOf(await bed.add(container, kddPod(name)));
    expect(await type(`${EXPORTED}; calicoctl get workloadendpoints -A`)).toContain(`${address}/32`);
    expect(await type(`${EXPORTED}; calicoctl get wep -n prod -o wide`)).toContain(`kns.prod`);
    expect(await type(`${EXPORTED}; calicoctl ipam show`)).toContain('| IP Pool  | 192.168.0.0/16 |');
    expect(await type(`${EXPORTED}; calicoctl ipam show --ip=${address}`)).toContain(`IP ${address} is in use`);
    expect(await type('kubectl get blockaffinity')).toMatch(/^NAME +AGE\nnode1-192-168-89-128-26 /);
    expect(await type('kubectl get ipamblocks -o name')).toBe('ipamblock.crd.projectcalico.org/192-168-89-128-26\n');
    expect(await type(`${EXPORTED}; calicoctl ipam release --ip=${address}`)).toBe(
      `Successfully released IP address ${address}\n`,
    );
    expect(await type(`${EXPORTED}; calicoctl ipam show --ip=${address}`)).toContain('is not assigned');
    await bed.del(container, kddPod(name));
  });

  test('edit a pool with kubectl, which calicoctl and the plugins follow', async () => {
    const editor = `${BIN}/editor`;
    writeFileSync(
      bed.host.file(editor),
      `#!/bin/sh\nsed -i 's/natOutgoing: true/natOutgoing: true\\n  disabled: true/' "$1"\n`,
    );
    chmodSync(bed.host.file(editor), 0o755);
    expect(await type(`EDITOR=${editor} kubectl edit ippools default-ipv4-ippool`)).toBe(
      'ippool.crd.projectcalico.org/default-ipv4-ippool edited\n',
    );
    expect(await type(`${EXPORTED}; calicoctl get ippool -o wide`)).toMatch(/192\.168\.0\.0\/16 .* true +false/);
    const refused = await bed.call('ADD', await bed.container(), kddPod(await bed.pod()));
    expect(refused.stdout).toContain('cannot find a qualified ippool');
    await type(`${EXPORTED}; calicoctl patch ippool default-ipv4-ippool -p '{"spec":{"disabled":false}}'`);
    expect(await type('kubectl get ippools default-ipv4-ippool -o jsonpath={.spec.disabled}')).toMatch(/^(?:false)?$/);
    const container = await bed.container();
    const name = await bed.pod();
    await bed.add(container, kddPod(name));
    await bed.del(container, kddPod(name));
  });
});
