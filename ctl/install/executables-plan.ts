import { failure } from '../../shared/error/failure.ts';
import { baseOf } from '../../shared/system/file-name.ts';
import { type ExecutableFolder, type FoundFile, OWN_NAMES, type Survey } from './findings.ts';
import type { Settings } from './settings.ts';
import { type InstallPlan, type InstallStep, sameStep } from './steps.ts';

const MODE = 0o755;

/** Plans the executables in each folder. Throws a Failure when no folder would end up with both plugins. */
export function executableSteps(settings: Settings, survey: Survey): InstallPlan {
  const folders = survey.executables.map((folder) => {
    const steps = folderSteps(settings, survey, folder);
    return mayChange(settings, folder) ? { folder, steps, dropped: [] } : standing(folder, steps);
  });
  if (folders.every(({ steps }) => steps.length === 0)) throw noFolder(survey);
  return {
    steps: folders.flatMap(({ steps }) => steps),
    notes: folders.flatMap(({ folder, steps, dropped }) => [
      ...(dropped.length === 0 || folder.state === 'absent'
        ? []
        : [`${folder.path} cannot be written to: ${dropped.join(', ')} not installed there`]),
      ...replaced(survey, folder, steps),
    ]),
  };
}

/** Another installer's plugin, which that may put back whenever it starts. */
function replaced({ record }: Survey, { files }: ExecutableFolder, steps: readonly InstallStep[]): readonly string[] {
  const there = files.find(({ name }) => name === OWN_NAMES[0]);
  if (there === undefined || record[`executables/${there.name}`] !== undefined) return [];
  if (!steps.some((step) => step.do === 'copy' && step.path === there.path)) return [];
  return [
    `${there.path} came from another installer (calico-node’s install-cni?), which may put it back at each start: set UPDATE_CNI_BINARIES=false there (the Tigera operator would undo it)`,
  ];
}

/** On a node itself the folder is created. In a container, a missing one has not been mounted. */
const mayChange = ({ inContainer }: Settings, { state }: ExecutableFolder): boolean =>
  state === 'writable' || (state === 'absent' && !inContainer);

/** A read-only folder is fine if both plugins in it are already up to date. */
function standing(folder: ExecutableFolder, steps: readonly InstallStep[]) {
  const changes = steps.filter((step) => step.do !== 'leave').map(({ path }) => baseOf(path));
  const usable = !changes.includes('calico') && !changes.includes('calico-ipam');
  return { folder, steps: usable ? steps.filter((step) => step.do === 'leave') : [], dropped: changes };
}

function noFolder({ executables }: Survey): Error {
  const tried = executables.map(({ path, state }) => `${path}: ${state === 'absent' ? 'not there' : 'not writable'}`);
  return failure('no folder to put the executables into', `${tried.join('; ')}: mount one, or set CNI_BIN_DIR`);
}

function folderSteps(settings: Settings, survey: Survey, folder: ExecutableFolder): readonly InstallStep[] {
  const [main, ...others] = OWN_NAMES;
  const there = (name: string) => folder.files.find((file) => file.name === name);
  const path = (name: string) => `${folder.path}/${name}`;
  const kept = (name: string): InstallStep => ({ do: 'leave', path: path(name), why: 'UPDATE_CNI_BINARIES is false' });
  const same = (name: string): InstallStep => sameStep(path(name));
  const keeps = (name: string) => !settings.update && there(name) !== undefined;
  const copy = (name: string, source: FoundFile, mode: number): InstallStep => {
    if (keeps(name)) return kept(name);
    return isSame(there(name), source, mode) ? same(name) : { do: 'copy', path: path(name), from: source.path, mode };
  };
  const first = copy(main, survey.own, MODE);
  const inPlace = isSame(there(main), survey.own, MODE) ? there(main)?.inode : undefined;
  const link = (name: string): InstallStep => {
    if (keeps(name)) return kept(name);
    if (inPlace !== undefined && there(name)?.inode === inPlace) return same(name);
    // The main name may be a foreign file that must stay.
    if (keeps(main) && inPlace === undefined) return copy(name, survey.own, MODE);
    return { do: 'link', path: path(name), from: path(main), mode: MODE };
  };
  return [first, ...others.map(link), ...survey.plugins.map((plugin) => copy(plugin.name, plugin, plugin.mode & MODE))];
}

const isSame = (there: FoundFile | undefined, source: FoundFile, mode: number): boolean =>
  there !== undefined && there.sha256 === source.sha256 && there.mode === mode;
