import { failure } from '../../shared/error/failure.ts';
import { holdsPem } from '../../shared/net/pem.ts';
import { advice, isUnmanagedAlready, NETWORK_MANAGER } from './advice.ts';
import { confPlan, KUBECONFIG } from './conf-plan.ts';
import { builtInMark } from './earlier-config.ts';
import { executableSteps } from './executables-plan.ts';
import { kubeconfig } from './kubeconfig.ts';
import { ANY, formatRecord, type InstallRecord, networkManagerFolder, placeOf, recordPath } from './record.ts';
import type { InstallRequest } from './request.ts';
import { type InstallPlan, type InstallStep, writeStep } from './steps.ts';

const NETWORK_MANAGER_FILE = 'calico.conf';

/**
 * Plans an installation, in the original's order: certificates, executables, kubeconfig, configuration. Throws a Failure for
 * invalid input.
 */
export function installPlan(request: InstallRequest): InstallPlan {
  const { settings, survey } = request;
  const conf = confPlan(request);
  const executables = executableSteps(settings, survey);
  const steps = [
    ...survey.debris.map((path): InstallStep => ({ do: 'remove', path })),
    ...certificateSteps(request),
    ...executables.steps,
    ...kubeconfigSteps(request),
    ...conf.steps,
    ...networkManagerSteps(request),
  ];
  return {
    steps: recorded(request, steps),
    notes: [...executables.notes, ...conf.notes, ...advice(settings, survey), ...reload(steps)],
  };
}

/** The folder calico-tls gets the content of the assets. On a node itself, nothing is removed for lack of assets. */
function certificateSteps({ settings, survey }: InstallRequest): readonly InstallStep[] {
  const { certificates, tls } = survey;
  const empty = certificates.find(({ text }) => !holdsPem(text));
  if (empty !== undefined)
    throw failure(`${empty.path} holds no PEM data`, 'etcd’s certificates and key are PEM files');
  if (certificates.length === 0 && !settings.inContainer) return [];
  const folder = `${settings.netFolder}/calico-tls`;
  const stale = tls.filter(({ name }) => !certificates.some((each) => each.name === name));
  return [
    ...certificates.map(({ name, text }) => writeStep(tls, { path: `${folder}/${name}`, text, mode: 0o600 })),
    ...stale.map(({ path }): InstallStep => ({ do: 'remove', path })),
  ];
}

/** Plans the kubeconfig alone. */
export function kubeconfigSteps({ settings, survey, credentials }: InstallRequest): readonly InstallStep[] {
  if (credentials === undefined) return [];
  return [
    writeStep(survey.net, { path: `${settings.netFolder}/${KUBECONFIG}`, text: kubeconfig(credentials), mode: 0o600 }),
  ];
}

function networkManagerSteps({ settings, survey }: InstallRequest): readonly InstallStep[] {
  if (!survey.hasNetworkManager) return [];
  const path = `${networkManagerFolder(settings)}/${NETWORK_MANAGER_FILE}`;
  const there = survey.networkManager.find((file) => file.path === path);
  const isForeign = there !== undefined && there.text !== NETWORK_MANAGER;
  if (isForeign && survey.record[placeOf(settings, path)] === undefined)
    return [
      {
        do: 'leave',
        path,
        why: 'not written by calico-install; it must leave cali*, tunl* and vxlan.calico unmanaged',
      },
    ];
  if (isUnmanagedAlready(survey, NETWORK_MANAGER_FILE))
    return [{ do: 'leave', path, why: 'another file already does this' }];
  return [writeStep(survey.networkManager, { path, text: NETWORK_MANAGER, mode: 0o644 })];
}

function reload(steps: readonly InstallStep[]): readonly string[] {
  if (!steps.some((step) => step.do === 'write' && step.path.includes('/NetworkManager/'))) return [];
  return ['NetworkManager does not read its new file by itself: run nmcli general reload conf'];
}

/** The steps, between a record of what may exist if they are interrupted, and one of what exists afterwards. */
function recorded(request: InstallRequest, steps: readonly InstallStep[]): readonly InstallStep[] {
  const { settings, survey, version } = request;
  const after = { ...survey.record };
  for (const step of steps) {
    if (step.do === 'remove') delete after[placeOf(settings, step.path)];
    else if (isOurs(step)) after[placeOf(settings, step.path)] = sumsOf(request, step);
  }
  const save = (files: InstallRecord): InstallStep => ({
    do: 'write',
    path: recordPath(settings),
    text: formatRecord(version, files),
    mode: 0o600,
  });
  const places = [...new Set([...Object.keys(survey.record), ...Object.keys(after)])];
  const both = (place: string) => [...new Set([...(survey.record[place] ?? []), ...(after[place] ?? [])])];
  const during = Object.fromEntries(places.map((place) => [place, both(place)]));
  if (steps.some((step) => step.do !== 'leave')) return [save(during), ...steps, save(after)];
  return isDeepEqual(after, survey.record) ? steps : [...steps, save(after)];
}

/** A file that is already there unchanged counts as installed, so that everything is removed together. */
const isOurs = (step: InstallStep): boolean => step.do !== 'leave' || step.same === true;

const isDeepEqual = (one: InstallRecord, other: InstallRecord): boolean =>
  formatRecord('', one) === formatRecord('', other);

/** Others renew credentials in place, so any content counts as ours. */
function sumsOf(request: InstallRequest, step: InstallStep): readonly string[] {
  if (/\/(calico-kubeconfig|calico-tls\/[^/]+)$/.test(step.path)) return [ANY];
  const sum = sumOf(request, step);
  const isBuiltIn = (step.do === 'write' || step.do === 'leave') && step.builtIn === true;
  return isBuiltIn ? [sum, builtInMark(sum)] : [sum];
}

function sumOf({ survey, sum }: InstallRequest, step: InstallStep): string {
  if (step.do === 'write') return sum(step.text);
  const source = step.do === 'copy' ? survey.plugins.find(({ path }) => path === step.from) : undefined;
  if (step.do === 'copy' || step.do === 'link') return (source ?? survey.own).sha256;
  const files = [survey.executables.map((each) => each.files), survey.net, survey.networkManager].flat(2);
  const there = files.find(({ path }) => path === step.path);
  if (there === undefined) throw failure(`cannot record ${step.path}`);
  return there.sha256;
}
