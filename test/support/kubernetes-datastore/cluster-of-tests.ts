import { afterAll, beforeAll, describe } from 'vitest';
import { hasKubernetes } from '../kubernetes/api-server.ts';
import { type KubernetesBed, openKubernetesBed } from './bed.ts';
import type { Group } from './custom-resources.ts';

const GROUPS: readonly Group[] = ['crd.projectcalico.org', 'projectcalico.org'];

/** Tests in a cluster of their own. The title names the API group of Calico's kinds at `%s`. */
export function inBothGroups(title: string, tests: (bed: KubernetesBed, group: Group) => void): void {
  describe.skipIf(!hasKubernetes()).each(GROUPS)(title, (group) => tests(bedOfTests(group), group));
}

/** The same with one of the groups, where the group makes no difference. */
export function inOneGroup(title: string, tests: (bed: KubernetesBed) => void): void {
  describe.skipIf(!hasKubernetes())(title, () => tests(bedOfTests()));
}

/** A bed for the tests of the enclosing `describe`: empty until the first of them, closed after their own hooks. */
export function bedOfTests(group?: Group): KubernetesBed {
  const bed: Partial<KubernetesBed> = {};
  beforeAll(async () => {
    Object.assign(bed, await openKubernetesBed(group));
  });
  afterAll(() => bed.close?.());
  return bed as KubernetesBed;
}
