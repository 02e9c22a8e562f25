import { failure } from '../../shared/cni/error.ts';
import type { Survey } from './findings.ts';
import { ANY, pathsOf, recordPath } from './record.ts';
import type { Settings } from './settings.ts';
import type { Plan, Step } from './steps.ts';

/** Plans to remove what the record names, as long as it is what was installed: the configuration first, so that the runtime asks no more. Throws code 999. */
export function removalPlan(settings: Settings, survey: Survey, force: boolean): Plan {
  const places = Object.keys(survey.record).sort((a, b) => order(a) - order(b) || (a < b ? -1 : 1));
  if (places.length === 0) {
    return { steps: [], notes: [`nothing here was installed by calico-install: no ${recordPath(settings)}`] };
  }
  if (survey.journalled > 0 && !force) throw journalled(survey.journalled);
  const steps = places.flatMap((place) => pathsOf(settings, place).flatMap((path) => removal(survey, place, path)));
  const goes = ({ path }: { readonly path: string }) =>
    steps.some((step) => step.do === 'remove' && step.path === path);
  return {
    steps: [
      ...survey.debris.map((path): Step => ({ do: 'remove', path })),
      ...steps,
      ...(survey.tls.length > 0 && survey.tls.every(goes)
        ? [{ do: 'removeFolder', path: `${settings.netFolder}/calico-tls` } as const]
        : []),
      { do: 'remove', path: recordPath(settings) },
    ],
    notes: [...livePods(survey), ...kept(survey)],
  };
}

/** Configurations, then credentials and the like, then executables. */
function order(place: string): number {
  if (place.startsWith('executables/')) return 2;
  return /\.(conf|conflist|json)$/.test(place) && place.startsWith('net/') ? 0 : 1;
}

function removal(survey: Survey, place: string, path: string): readonly Step[] {
  const files = [survey.executables.map((each) => each.files), survey.net, survey.tls, survey.networkManager].flat(2);
  const there = files.find((file) => file.path === path);
  const sums = survey.record[place] ?? [];
  if (there === undefined) return [];
  if (sums.includes(ANY) || sums.includes(there.sha256)) return [{ do: 'remove', path }];
  return [{ do: 'leave', path, why: 'changed since it was installed' }];
}

function journalled(count: number): Error {
  return failure(
    `${count} ${count === 1 ? 'release waits' : 'releases wait'} in /var/lib/calico/cni-journal for etcd`,
    'the next pod on this node has them done once etcd answers; with --force they are given up, and their addresses stay taken until somebody frees them (calicoctl ipam check)',
  );
}

function livePods({ interfaces }: Survey): readonly string[] {
  const pods = interfaces.filter((name) => /^cali[0-9a-f]{11}$/.test(name)).length;
  if (pods === 0) return [];
  return [
    `${pods} ${pods === 1 ? 'pod is' : 'pods are'} on Calico here: they run on, but cannot be deleted without a plugin`,
  ];
}

function kept({ journalled: waiting }: Survey): readonly string[] {
  return waiting === 0 ? [] : [`${waiting} releases in /var/lib/calico/cni-journal are given up`];
}
