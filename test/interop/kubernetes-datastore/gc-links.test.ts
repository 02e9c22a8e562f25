import { expect, test } from 'vitest';
import { shaperName } from '../../../plugins/linux/shaper.ts';
import { ageLinks } from '../../support/kubernetes/foreign-pod.ts';
import { kddConf } from '../../support/kubernetes-datastore/bed.ts';
import { inOneGroup } from '../../support/kubernetes-datastore/cluster-of-tests.ts';

const GC = kddConf({ cniVersion: '1.1.0', 'cni.dev/valid-attachments': [] });
const [UNKNOWN, GONE] = ['cali0123456789a', 'cali0123456789b'];

inOneGroup('GC of links', (bed) => {
  const collect = async () => {
    const ran = await bed.call('GC', { containerID: '', netns: '' }, { netns: '', env: { CNI_IFNAME: '' }, conf: GC });
    expect(ran).toMatchObject({ exit: 0, stdout: '' });
    return bed.host.must('ip', ['-br', 'link']);
  };

  test('removes a shaping device without its pair, and leaves pairs of unknown containers and young devices alone', async () => {
    const { netns } = await bed.container();
    const link = (...words: readonly string[]) => bed.host.must('ip', ['link', 'add', ...words]);
    await link(UNKNOWN, 'up', 'type', 'veth', 'peer', 'name', 'eth0', 'netns', netns);
    for (const name of [UNKNOWN, GONE]) await link(shaperName(name), 'type', 'ifb');
    expect(await collect()).toContain(shaperName(GONE));
    await ageLinks(bed.host);
    const left = await collect();
    expect(left).not.toContain(shaperName(GONE));
    for (const name of [UNKNOWN, shaperName(UNKNOWN)]) expect(left).toContain(name);
  });
});
