import { failure } from '../../shared/error/failure.ts';
import { OWN_NAMES, type Survey } from './findings.ts';
import { ANY, pathsOf, placeOf, recordPath } from './record.ts';
import type { Settings } from './settings.ts';
import type { InstallPlan, InstallStep } from './steps.ts';

/**
 * Plans to remove what the record names, if it is still what was installed. The configuration goes first, so that the runtime
 * stops calling. Throws a Failure.
 */
export function removalPlan(settings: Settings, survey: Survey, force: boolean): InstallPlan {
  const places = Object.keys(survey.record).sort((a, b) => order(a) - order(b) || (a < b ? -1 : 1));
  if (places.length === 0) {
    const why = `calico-install has installed nothing here: no ${recordPath(settings)}`;
    return { steps: foreign(settings, survey), notes: [why] };
  }
  if (survey.journalled > 0 && !force) throw journalled(survey.journalled);
  const all = places.flatMap((place) => pathsOf(settings, place).flatMap((path) => removal(survey, place, path)));
  const steps = all.map((step) => stillUsed(settings, survey, all, step));
  const goes = ({ path }: { readonly path: string }) =>
    steps.some((step) => step.do === 'remove' && step.path === path);
  return {
    steps: [
      ...survey.debris.map((path): InstallStep => ({ do: 'remove', path })),
      ...steps,
      ...foreign(settings, survey),
      ...(survey.tls.length > 0 && survey.tls.every(goes)
        ? [{ do: 'removeFolder', path: `${settings.netFolder}/calico-tls` } as const]
        : []),
      { do: 'remove', path: recordPath(settings) },
    ],
    notes: [...livePods(survey), ...kept(survey)],
  };
}

/** Configurations, then credentials and other files, then executables. */
function order(place: string): number {
  if (place.startsWith('executables/')) return 2;
  return isConfig(place) && place.startsWith('net/') ? 0 : 1;
}

function removal(survey: Survey, place: string, path: string): readonly InstallStep[] {
  const files = [survey.executables.map((each) => each.files), survey.net, survey.tls, survey.networkManager].flat(2);
  const there = files.find((file) => file.path === path);
  const sums = survey.record[place] ?? [];
  if (there === undefined) return [];
  if (sums.includes(ANY) || sums.includes(there.sha256)) return [{ do: 'remove', path }];
  return [{ do: 'leave', path, why: 'changed since installation' }];
}

/** Credentials stay with a configuration that names them, such as the original's after it was installed again. */
function stillUsed(
  { netFolder, nodeNetFolder }: Settings,
  { net }: Survey,
  steps: readonly InstallStep[],
  step: InstallStep,
): InstallStep {
  if (step.do !== 'remove' || !step.path.startsWith(`${netFolder}/calico-`)) return step;
  const goes = (path: string) => steps.some((each) => each.do === 'remove' && each.path === path);
  const named = nodeNetFolder + step.path.slice(netFolder.length);
  const user = net.find(({ name, path, text }) => isConfig(name) && !goes(path) && text.includes(`"${named}"`));
  return user === undefined ? step : { do: 'leave', path: step.path, why: `${user.name} names it` };
}

/** Files for Calico that calico-install did not install: they stay, and are named. */
function foreign(settings: Settings, survey: Survey): readonly InstallStep[] {
  const { executables, net, tls, networkManager, record } = survey;
  const own: readonly string[] = OWN_NAMES;
  const found = [
    ...net.filter(
      ({ name, text }) => name === 'calico-kubeconfig' || (isConfig(name) && /"calico(-ipam)?"/.test(text)),
    ),
    ...tls,
    ...networkManager.filter(({ name }) => name === 'calico.conf'),
    ...executables.flatMap(({ files }) => files.filter(({ name }) => own.includes(name))),
  ];
  return found
    .filter(({ path }) => record[placeOf(settings, path)] === undefined)
    .map(({ path }) => ({ do: 'leave', path, why: 'not installed by calico-install' }));
}

const isConfig = (name: string): boolean => /\.(conf|conflist|json)$/.test(name);

function journalled(count: number): Error {
  return failure(
    `${count} ${count === 1 ? 'release waits' : 'releases wait'} in /var/lib/calico/cni-journal for etcd`,
    'the next pod on this node completes them once etcd answers; with --force they are discarded, and their addresses stay allocated until released by hand (calicoctl ipam check)',
  );
}

function livePods({ interfaces }: Survey): readonly string[] {
  const pods = interfaces.filter((name) => /^cali[0-9a-f]{11}$/.test(name)).length;
  if (pods === 0) return [];
  return [
    `${pods} ${pods === 1 ? 'pod uses' : 'pods use'} Calico here: they keep running, but cannot be deleted without the plugin`,
  ];
}

function kept({ journalled: waiting }: Survey): readonly string[] {
  return waiting === 0 ? [] : [`${waiting} releases in /var/lib/calico/cni-journal are discarded`];
}
