import { failure } from '../../shared/cni/error.ts';
import { advice, isToldAlready, NETWORK_MANAGER } from './advice.ts';
import { executableSteps } from './executables-plan.ts';
import type { Survey, TextFile } from './findings.ts';
import { type Credentials, kubeconfig } from './kubeconfig.ts';
import { BUILT_IN, checkConfig, fillIn, tokens } from './network-config.ts';
import { ANY, formatRecord, type InstallRecord, networkManagerFolder, placeOf, recordPath } from './record.ts';
import type { Settings } from './settings.ts';
import type { Plan, Step } from './steps.ts';

/** What an installation goes by besides the files. */
export interface Request {
  readonly settings: Settings;
  readonly survey: Survey;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly version: string;
  /** The template's text; '' when none is given. */
  readonly template: string;
  /** How pods' plugin reaches the API server; undefined outside of a pod. */
  readonly credentials: Credentials | undefined;
  /** The pod's own token, which a template may ask for. */
  readonly podToken: string;
  /** SHA-256 of a text. */
  readonly sum: (text: string) => string;
}

const KUBECONFIG = 'calico-kubeconfig';
const NETWORK_MANAGER_FILE = 'calico.conf';
/** Stands for the secret in what is checked and quoted. */
const SECRET = 'secret';

/** Plans an installation, in the original's order: certificates, executables, kubeconfig, configuration. Throws code 999 for what cannot be meant. */
export function installPlan(request: Request): Plan {
  const { settings, survey } = request;
  const conf = confPlan(request);
  const executables = executableSteps(settings, survey);
  const steps = [
    ...survey.debris.map((path): Step => ({ do: 'remove', path })),
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

const write = (found: readonly TextFile[], path: string, text: string, mode: number): Step => {
  const there = found.find((file) => file.path === path);
  if (there?.text === text && there.mode === mode) return { do: 'leave', path, why: 'the same already' };
  return { do: 'write', path, text, mode };
};

/** The folder calico-tls holds what the assets hold. On a node itself nothing is taken away because none are given. */
function certificateSteps({ settings, survey }: Request): readonly Step[] {
  const { certificates, tls } = survey;
  if (certificates.length === 0 && !settings.inContainer) return [];
  const folder = `${settings.netFolder}/calico-tls`;
  const stale = tls.filter(({ name }) => !certificates.some((each) => each.name === name));
  return [
    ...certificates.map(({ name, text }) => write(tls, `${folder}/${name}`, text, 0o600)),
    ...stale.map(({ path }): Step => ({ do: 'remove', path })),
  ];
}

function kubeconfigSteps({ settings, survey, credentials }: Request): readonly Step[] {
  if (credentials === undefined) return [];
  return [write(survey.net, `${settings.netFolder}/${KUBECONFIG}`, kubeconfig(credentials), 0o600)];
}

function confPlan(request: Request): Plan {
  const { settings, survey, template } = request;
  const path = `${settings.netFolder}/${settings.confName}`;
  const there = survey.net.find((file) => file.path === path);
  const keeps = template === '' && !settings.inContainer && there !== undefined;
  const text = keeps ? there.text : filledIn(request, request.podToken);
  const checked = checkConfig(keeps ? text : filledIn(request, SECRET), keeps ? path : origin(settings));
  const kept: Step = { do: 'leave', path, why: 'a new one wants CNI_NETWORK_CONFIG or CNI_NETWORK_CONFIG_FILE' };
  const old = survey.net.find(({ name }) => name === settings.oldConfName && name !== settings.confName);
  return {
    steps: [
      keeps ? kept : write(survey.net, path, text, settings.confMode),
      ...(old === undefined ? [] : [{ do: 'remove', path: old.path } as const]),
    ],
    notes: [
      ...checked.remarks,
      ...missingPrograms(request, checked.programs),
      ...noKubeconfig(request, checked.kubeconfig),
    ],
  };
}

function origin({ template, templateFile }: Settings): string {
  return templateFile || (template === '' ? 'the built-in template with the environment' : 'CNI_NETWORK_CONFIG');
}

function filledIn({ settings, survey, env, template }: Request, serviceAccountToken: string): string {
  const certificates = survey.certificates.length > 0 || settings.inContainer ? survey.certificates : survey.tls;
  const known = {
    hostname: survey.hostname,
    netFolder: settings.nodeNetFolder,
    certificates: certificates.map(({ name }) => name),
    serviceAccountToken,
  };
  return fillIn(template || BUILT_IN, tokens(env, known));
}

function missingPrograms({ survey }: Request, programs: readonly string[]): readonly string[] {
  const there = [survey.plugins, ...survey.executables.map(({ files }) => files)].flat().map(({ name }) => name);
  const missing = programs.filter((name) => !['calico', 'calico-ipam', ...there].includes(name));
  const folders = survey.executables.map(({ path }) => path).join(' and ');
  return missing.map((name) => `the network configuration names the plugin ${name}, which is not in ${folders}`);
}

function noKubeconfig({ settings, survey, credentials }: Request, path: string): readonly string[] {
  const ours = `${settings.nodeNetFolder}/${KUBECONFIG}`;
  const there = credentials !== undefined || survey.net.some(({ name }) => name === KUBECONFIG);
  return path !== ours || there ? [] : [`${path} is not there: without a pod's service account it is not written`];
}

function networkManagerSteps({ settings, survey }: Request): readonly Step[] {
  if (!survey.hasNetworkManager) return [];
  const path = `${networkManagerFolder(settings)}/${NETWORK_MANAGER_FILE}`;
  const foreign =
    survey.networkManager.some((file) => file.path === path) && survey.record[placeOf(settings, path)] === undefined;
  if (foreign)
    return [{ do: 'leave', path, why: 'it is not ours; it has to leave cali*, tunl* and vxlan.calico unmanaged' }];
  if (isToldAlready(survey, NETWORK_MANAGER_FILE)) return [{ do: 'leave', path, why: 'another file says so already' }];
  return [write(survey.networkManager, path, NETWORK_MANAGER, 0o644)];
}

function reload(steps: readonly Step[]): readonly string[] {
  if (!steps.some((step) => step.do === 'write' && step.path.includes('/NetworkManager/'))) return [];
  return ['NetworkManager reads its new file when told to: nmcli general reload conf'];
}

/** The steps between a record of what may be there if they break off, and one of what is there then. */
function recorded(request: Request, steps: readonly Step[]): readonly Step[] {
  const { settings, survey, version } = request;
  const after = { ...survey.record };
  for (const step of steps) {
    if (step.do === 'remove') delete after[placeOf(settings, step.path)];
    else if (step.do !== 'leave') after[placeOf(settings, step.path)] = [sumOf(request, step)];
  }
  if (steps.every((step) => step.do === 'leave')) return steps;
  const places = [...new Set([...Object.keys(survey.record), ...Object.keys(after)])];
  const both = (place: string) => [...new Set([...(survey.record[place] ?? []), ...(after[place] ?? [])])];
  const during = Object.fromEntries(places.map((place) => [place, both(place)]));
  const save = (files: InstallRecord): Step => ({
    do: 'write',
    path: recordPath(settings),
    text: formatRecord(version, files),
    mode: 0o600,
  });
  return [save(during), ...steps, save(after)];
}

/** Others renew credentials in place, so whatever they hold is ours. */
function sumOf({ survey, sum }: Request, step: Step): string {
  if (step.do === 'write') return /\/(calico-kubeconfig|calico-tls\/[^/]+)$/.test(step.path) ? ANY : sum(step.text);
  const source = step.do === 'copy' ? survey.plugins.find(({ path }) => path === step.from) : undefined;
  if (step.do === 'copy' || step.do === 'link') return (source ?? survey.own).sha256;
  throw failure(`cannot record ${step.path}`);
}
