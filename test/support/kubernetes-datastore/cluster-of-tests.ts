import { describe } from 'vitest';
import { openForTests } from '../bed/for-tests.ts';
import { hasKubernetes } from '../kubernetes/api-server.ts';
import { type KubernetesBed, openKubernetesBed } from './bed.ts';
import type { Group } from './custom-resources.ts';

const GROUPS: readonly Group[] = ['crd.projectcalico.org', 'projectcalico.org'];

/** Tests in a cluster of their own. The title names the API group of Calico's kinds at `%s`. */
export function inBothGroups(title: string, tests: (bed: KubernetesBed, group: Group) => void): void {
  describe.skipIf(!hasKubernetes()).each(GROUPS)(title, (group) => tests(bedForTests(group), group));
}

/** The same with one of the groups, where the group makes no difference. */
export function inOneGroup(title: string, tests: (bed: KubernetesBed) => void): void {
  describe.skipIf(!hasKubernetes())(title, () => tests(bedForTests()));
}

/** For the tests of a `describe`, until their last. */
export const bedForTests = (group?: Group): KubernetesBed => openForTests(() => openKubernetesBed(group));
