import { beforeAll, beforeEach, expect, test } from 'vitest';
import { examples } from '../../support/calicoctl/examples.ts';
import { kubernetesCalicoctl, kubernetesSaid } from '../../support/kubernetes-datastore/calicoctl.ts';
import { inBothGroups } from '../../support/kubernetes-datastore/cluster-of-tests.ts';
import { configPlural, resourcePath } from '../../support/kubernetes-datastore/custom-resources.ts';
import { defineOtherKinds } from '../../support/kubernetes-datastore/other-kinds.ts';

inBothGroups('what is applied, shown and applied again does not change in %s', (bed, group) => {
  beforeAll(() => defineOtherKinds(bed.ask, group));
  beforeEach(() => bed.reset());

  const say = (line: string, input = '') => kubernetesSaid(bed, line, { input });
  const shown = (words: string) => say(`get ${words} -o yaml`);

  /** The names of the objects of a plural. */
  async function namesOf(plural: string, namespace: string | undefined): Promise<readonly string[]> {
    const stored = plural === 'ipamconfigurations' ? configPlural(group) : plural;
    const within = namespace === undefined ? '' : `/namespaces/${namespace}`;
    const path = resourcePath(group, stored).replace(`/${stored}`, `${within}/${stored}`);
    const items = (await bed.ask('GET', path)).body['items'] as readonly {
      readonly metadata: { readonly name: string };
    }[];
    return items.map((object) => object.metadata.name);
  }

  test.each(examples.filter(({ kind }) => kind !== 'Profile'))('$kind $metadata.name', async (example) => {
    const { kind, metadata, text, words, plural, namespace, before } = example;
    if (namespace !== undefined) await bed.ask('POST', '/api/v1/namespaces', { metadata: { name: namespace } });
    if (before !== '') await say('apply -f -', before);
    await say('apply -f -', text);
    // With the object's version, which any write would change.
    const first = await shown(words);
    await say('apply -f -', first);
    expect(await shown(words)).toBe(first);
    await say('replace -f -', first);
    expect(await shown(words)).toBe(first);
    if (kind === 'Node') return;
    await say(`delete ${words}`);
    expect(await namesOf(plural, namespace)).not.toContain(metadata['name']);
  });

  test('a profile is refused: it is a namespace or a service account', async () => {
    const [profile] = examples.filter(({ kind }) => kind === 'Profile');
    const { exit, stderr } = await kubernetesCalicoctl(bed, 'apply -f -', { input: profile?.text ?? '' });
    expect([exit, stderr]).toEqual([
      1,
      expect.stringContaining('operation Create is not supported on Profile(profile1)'),
    ]);
  });

  test.each(['clusterinformations default', 'profiles kns.prod'])('%s is shown and not written', async (words) => {
    const first = await shown(words);
    const { exit, stderr } = await kubernetesCalicoctl(bed, 'apply -f -', { input: first });
    expect([exit, stderr]).toEqual([1, expect.stringMatching(/^Failed to apply '\w+' resource: /)]);
    expect(await shown(words)).toBe(first);
  });
});
