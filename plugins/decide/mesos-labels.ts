import type { NetConf } from '../../shared/cni/netconf.ts';

/** The Mesos label that sets the endpoint's namespace and is not a label of the endpoint. */
const NAMESPACE_LABEL = 'projectcalico.org/namespace';

/** The namespace requested by Mesos, '' when there is none. */
export function mesosNamespace(conf: NetConf): string {
  return conf.mesosLabels.find(({ key }) => key === NAMESPACE_LABEL)?.value ?? '';
}

/** Converts Mesos labels to endpoint labels. */
export function mesosLabels(conf: NetConf): Readonly<Record<string, string>> {
  const labels = conf.mesosLabels.filter(({ key }) => key !== NAMESPACE_LABEL);
  return Object.fromEntries(labels.map(({ key, value }) => [sanitise(key), sanitise(value)]));
}

/** Calico's rule: `/a/b/c` → `a.b.c`, `--x..y--` → `x.y`, `héllo wörld` → `h-llo-w-rld`. */
function sanitise(text: string): string {
  return text
    .replaceAll('/', '.')
    .replace(/[^a-zA-Z0-9_.-]+/g, '-')
    .replace(/[.-]*\.[.-]*/g, '.')
    .replace(/^[.-]+|[.-]+$/g, '');
}
