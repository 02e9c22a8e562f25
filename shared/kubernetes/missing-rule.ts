/** A missing permission. `group`: '' for core. */
interface Refused {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
}

/** What the plugin may do with Calico's own kinds. */
const CALICO_VERBS = ['get', 'list', 'create', 'update', 'delete'];

/** What is watched is listed first. */
const WATCH_VERBS = ['list', 'watch'];

/** The rule that is missing in the ClusterRole of the plugin's user. */
export function missingRule({ verb, group, resource }: Refused): string {
  const verbs = verb === 'watch' ? WATCH_VERBS : group.endsWith('projectcalico.org') ? CALICO_VERBS : [verb];
  const list = (texts: readonly string[]) => `[${texts.map((text) => JSON.stringify(text)).join(', ')}]`;
  const rule = `- apiGroups: ${list([group])}\n  resources: ${list([resource])}\n  verbs: ${list(verbs)}`;
  return `add this rule to the ClusterRole of the user in the kubeconfig (the plugins: calico-cni-plugin):\n${rule}`;
}
