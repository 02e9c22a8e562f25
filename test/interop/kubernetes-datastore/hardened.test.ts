import { beforeEach, expect, test } from 'vitest';
import { addressesOf, resultOf, silentSuccess } from '../../support/calls/call.ts';
import { CONFINEMENTS, callConfined } from '../../support/calls/confined.ts';
import { kddConf, kddPod } from '../../support/kubernetes-datastore/bed.ts';
import { inOneGroup } from '../../support/kubernetes-datastore/cluster-of-tests.ts';
import { expectNothingHeld } from '../../support/kubernetes-datastore/held.ts';
import { netnsPath } from '../../support/network/netns.ts';
import { reaches } from '../../support/network/reach.ts';

/** The API server is reached over TLS, with a client certificate. */
inOneGroup('a pod is added and deleted with the Kubernetes datastore under', (bed) => {
  beforeEach(() => bed.reset());

  test.for(CONFINEMENTS)('$name', async (confinement) => {
    const name = await bed.pod();
    const { containerID, netns } = await bed.container();
    const call = { conf: kddConf(), ...kddPod(name), containerID, netns: netnsPath(netns) };
    const version = await callConfined(bed.host, confinement, { command: 'VERSION', conf: kddConf() });
    expect(version).toMatchObject({ exit: 0, stderr: '' });
    const result = resultOf(await callConfined(bed.host, confinement, { command: 'ADD', ...call }));
    expect(await reaches(bed.host, addressesOf(result)[0] ?? '')).toBe(true);
    expect(await bed.faults()).toEqual([]);
    silentSuccess(await callConfined(bed.host, confinement, { command: 'DEL', ...call }));
    await expectNothingHeld(bed);
  });
});
