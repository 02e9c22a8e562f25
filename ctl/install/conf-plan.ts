import { chainsBandwidth, UNCHAIN_BANDWIDTH } from '../../shared/cni/chain.ts';
import { failure } from '../../shared/error/failure.ts';
import { builtIn } from './built-in.ts';
import { type Checked, type Circumstances, checkConfig } from './config-check.ts';
import { carriedOn, type Earlier, earlierBuiltIn } from './earlier-config.ts';
import type { TextFile } from './findings.ts';
import { placeOf } from './record.ts';
import type { InstallRequest } from './request.ts';
import { type InstallPlan, type InstallStep, writeStep } from './steps.ts';
import { fillIn, namesEtcd, tokens } from './tokens.ts';

export const KUBECONFIG = 'calico-kubeconfig';
/** A placeholder for the token, in text that is checked and quoted in errors. */
const SECRET = 'secret';

/** The new network configuration: its text, and the text without secrets. */
interface Text {
  readonly source: Circumstances['source'];
  readonly text: string;
  readonly harmless: string;
  readonly origin: string;
  readonly earlier?: Earlier | undefined;
}

/** Plans the network configuration. Throws a Failure for one with which every pod would fail. */
export function confPlan(request: InstallRequest): InstallPlan {
  const { settings, survey } = request;
  const path = `${settings.netFolder}/${settings.confName}`;
  const made = textOf(request, path);
  const checked = checkConfig(made.harmless, circumstances(request, made));
  const why = 'set CNI_NETWORK_CONFIG or CNI_NETWORK_CONFIG_FILE to replace it';
  const old = survey.net.find(({ name }) => name === settings.oldConfName && name !== settings.confName);
  const step: InstallStep =
    made.source === 'kept'
      ? { do: 'leave', path, why }
      : writeStep(survey.net, { path, text: made.text, mode: settings.confMode, builtIn: made.source === 'built-in' });
  return {
    steps: [step, ...(old === undefined ? [] : [{ do: 'remove', path: old.path } as const])],
    notes: [
      ...checked.remarks,
      ...portmapNote(request, made),
      ...missingPrograms(request, checked),
      ...noKubeconfig(request, checked),
      ...(chainsBandwidth(made.harmless) ? [`${made.origin}: where Felix runs, ${UNCHAIN_BANDWIDTH}`] : []),
    ],
  };
}

/** Fills in a template. Without one, the existing file stays, unless it is an earlier built-in list, or a container renews it. */
function textOf(request: InstallRequest, path: string): Text {
  const { settings, survey, template } = request;
  if (template !== '') {
    const text = fillIn(template, valuesOf(request, request.env, request.podToken));
    const harmless = fillIn(template, valuesOf(request, request.env, SECRET));
    return { source: 'template', text, harmless, origin: settings.templateFile || 'CNI_NETWORK_CONFIG' };
  }
  const there = survey.net.find((file) => file.path === path);
  const earlier = there && earlierOf(request, there);
  if (there !== undefined && earlier === undefined && !settings.inContainer)
    return { source: 'kept', text: there.text, harmless: there.text, origin: path };
  const text = builtInText(request, settings.inContainer ? request.env : carriedOn(request.env, earlier), earlier);
  return { source: 'built-in', text, harmless: text, origin: 'the built-in list with the environment', earlier };
}

function earlierOf({ settings, survey }: InstallRequest, there: TextFile): Earlier | undefined {
  const sums = survey.record[placeOf(settings, there.path)] ?? [];
  return earlierBuiltIn(there, { sums, hasKubeconfig: hasKubeconfig(survey), hostname: survey.hostname });
}

const hasKubeconfig = ({ net }: InstallRequest['survey']): boolean => net.some(({ name }) => name === KUBECONFIG);

function builtInText(request: InstallRequest, env: InstallRequest['env'], earlier: Earlier | undefined): string {
  const kubernetes = request.credentials !== undefined || hasKubeconfig(request.survey);
  if (!namesEtcd(env) && (env['DATASTORE_TYPE'] ?? '') === '' && !kubernetes) {
    throw failure(
      'no etcd endpoints are set',
      'set ETCD_ENDPOINTS (or ETCD_DISCOVERY_SRV) in the environment, or provide a template with CNI_NETWORK_CONFIG or CNI_NETWORK_CONFIG_FILE; for the Kubernetes datastore run this in a pod with a service account',
    );
  }
  return builtIn({
    env,
    values: valuesOf(request, env, ''),
    kubernetes,
    portmap: request.survey.portmap,
    name: earlier?.name ?? '',
  });
}

function valuesOf({ settings, survey }: InstallRequest, env: InstallRequest['env'], serviceAccountToken: string) {
  const certificates = certificatesOf({ settings, survey });
  const { hostname } = survey;
  return tokens(env, { hostname, netFolder: settings.nodeNetFolder, certificates, serviceAccountToken });
}

/** The files that calico-tls will contain. */
function certificatesOf({ settings, survey }: Pick<InstallRequest, 'settings' | 'survey'>): readonly string[] {
  const { certificates, tls } = survey;
  return (certificates.length > 0 || settings.inContainer ? certificates : tls).map(({ name }) => name);
}

function circumstances(request: InstallRequest, { source, origin }: Text): Circumstances {
  const { settings, survey, judge, isThere } = request;
  const certificates = certificatesOf(request);
  const tls = `${settings.nodeNetFolder}/calico-tls/`;
  const kubeconfig = `${settings.nodeNetFolder}/${KUBECONFIG}`;
  const willHaveKubeconfig = request.credentials !== undefined || hasKubeconfig(survey);
  const onNode = (path: string) => (path === kubeconfig ? willHaveKubeconfig : isThere(path));
  return {
    source,
    origin,
    judge,
    certificates,
    nodename: survey.nodename,
    hostname: survey.hostname,
    assets: settings.tlsAssets,
    hasAssets: survey.hasAssets,
    isThere: (path) => (path.startsWith(tls) ? certificates.includes(path.slice(tls.length)) : onNode(path)),
  };
}

function portmapNote({ survey, credentials }: InstallRequest, { source }: Text): readonly string[] {
  const { portmap } = survey;
  if (source !== 'built-in') return [];
  if (credentials !== undefined || hasKubeconfig(survey)) {
    return portmap === undefined ? ['the plugin portmap is not here, so a pod’s hostPort has no effect'] : [];
  }
  if (portmap === undefined || portmap.includes('1.1.0')) return [];
  return [
    `the plugin portmap here speaks CNI ${portmap.at(-1) ?? 'in a version unknown'}, so the list is of 1.0.0 and runtimes ask for no STATUS: put a newer portmap there and run calico-install again`,
  ];
}

function missingPrograms({ survey }: InstallRequest, { programs }: Checked): readonly string[] {
  const there = [survey.plugins, ...survey.executables.map(({ files }) => files)].flat().map(({ name }) => name);
  const missing = programs.filter((name) => !['calico', 'calico-ipam', ...there].includes(name));
  const folders = survey.executables.map(({ path }) => path).join(' and ');
  return missing.map((name) => `the network configuration names the plugin ${name}, which is not in ${folders}`);
}

function noKubeconfig(
  { settings, survey, credentials }: InstallRequest,
  { kubeconfig: path }: Checked,
): readonly string[] {
  const ours = `${settings.nodeNetFolder}/${KUBECONFIG}`;
  if (path !== ours || credentials !== undefined || hasKubeconfig(survey)) return [];
  return [`${path} does not exist: it is written only in a pod with a service account`];
}
