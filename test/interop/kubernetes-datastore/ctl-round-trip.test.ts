import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { kindNamed } from '../../../ctl/kinds/kinds.ts';
import { kubernetesCalicoctl, kubernetesSaid } from '../../support/kubernetes-datastore/calicoctl.ts';
import { inBothGroups } from '../../support/kubernetes-datastore/cluster-of-tests.ts';
import { resourcePath } from '../../support/kubernetes-datastore/custom-resources.ts';
import { defineOtherKinds } from '../../support/kubernetes-datastore/other-kinds.ts';

const FOLDER = 'test/testdata/ctl/kinds';

interface Example {
  readonly text: string;
  readonly kind: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly spec?: { readonly tier?: unknown };
}

/** Resources of nearly every kind, as they are written by hand. */
const examples: readonly Example[] = readdirSync(FOLDER)
  .flatMap((file) => parseAllDocuments(readFileSync(join(FOLDER, file), 'utf8')))
  .map((document) => ({ ...(document.toJS() as Omit<Example, 'text'>), text: String(document) }));

inBothGroups('what is applied, shown and applied again does not change in %s', (bed, group) => {
  beforeAll(() => defineOtherKinds(bed.ask, group));

  /** The namespaces and tiers that the documents are in. */
  async function prepare(namespace: string | undefined, tier: unknown): Promise<void> {
    if (namespace !== undefined) await bed.ask('POST', '/api/v1/namespaces', { metadata: { name: namespace } });
    if (typeof tier !== 'string' || tier === 'default') return;
    const document = {
      apiVersion: 'projectcalico.org/v3',
      kind: 'Tier',
      metadata: { name: tier },
      spec: { order: 100 },
    };
    await kubernetesSaid(bed, 'apply -f -', { input: JSON.stringify(document) });
  }

  test.each(examples.filter(({ kind }) => kind !== 'Profile'))('$kind $metadata.name', async (example) => {
    const { kind, metadata, text } = example;
    const { plural = '', namespaced = false } = kindNamed(kind) ?? {};
    const namespace = namespaced ? (metadata['namespace'] ?? 'default') : undefined;
    await prepare(namespace, example.spec?.tier);
    await kubernetesSaid(bed, 'apply -f -', { input: text });
    const get = `get ${plural} ${metadata['name']} -o yaml${namespace === undefined ? '' : ` -n ${namespace}`}`;
    const shown = await kubernetesSaid(bed, get);
    await kubernetesSaid(bed, 'apply -f -', { input: shown });
    expect(await kubernetesSaid(bed, get)).toBe(shown);
    await kubernetesSaid(
      bed,
      `delete ${plural} ${metadata['name']}${namespace === undefined ? '' : ` -n ${namespace}`}`,
    );
    const path = resourcePath(group, plural).replace(
      `/${plural}`,
      namespace === undefined ? `/${plural}` : `/namespaces/${namespace}/${plural}`,
    );
    const left = (await bed.ask('GET', path)).body['items'] as readonly {
      readonly metadata: { readonly name: string };
    }[];
    expect(left.map((object) => object.metadata.name)).not.toContain(metadata['name']);
  });

  test('a profile is refused: it is a namespace or a service account', async () => {
    const [profile] = examples.filter(({ kind }) => kind === 'Profile');
    const { exit, stderr } = await kubernetesCalicoctl(bed, 'apply -f -', { input: profile?.text ?? '' });
    expect([exit, stderr]).toEqual([
      1,
      expect.stringContaining('operation Create is not supported on Profile(profile1)'),
    ]);
  });
});
