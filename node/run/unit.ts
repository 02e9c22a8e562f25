/** Variables of calico/node and of the datastore's client that a unit passes on. */
const PASSED =
  /^(?:NODENAME|IP6?|AS|IP6?_AUTODETECTION_METHOD|AUTODETECT_POLL_INTERVAL|CALICO_\w+|NO_DEFAULT_POOLS|DATASTORE_TYPE|ETCD_\w+|KUBECONFIG|K8S_\w+)$/;
/** Those whose values must not be in a file that all may read. */
const SECRET = /PASSWORD|TOKEN/;

/** What a unit is made of. */
export interface UnitParts {
  /** The executable's own path. */
  readonly executable: string;
  /** Arguments of `calicoctl node run`. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** A systemd unit that runs `calicoctl node run`. */
export function unitText({ executable, args, env }: UnitParts): string {
  const variables = Object.entries(env)
    .filter(([name, value]) => PASSED.test(name) && !SECRET.test(name) && (value ?? '') !== '')
    .map(([name, value]) => `Environment=${quoted(`${name}=${value}`)}\n`);
  const command = [executable, 'node', 'run', ...args].map(quoted).join(' ');
  return `[Unit]
Description=Routes between this machine's pods and those of other machines (calicoctl node run)
After=network-online.target
Wants=network-online.target

[Service]
# Passwords and other variables, one NAME=value a line. The file may be missing.
EnvironmentFile=-/etc/calico/calicoctl-node.env
${variables.join('')}ExecStart=${command}
ExecReload=/bin/kill -HUP $MAINPID
# BIRD goes on while this service is restarted or replaced, and traffic with it.
KillMode=process
Restart=always
RestartSec=5
LimitNOFILE=65536

[Install]
WantedBy=multi-user.target
`;
}

/** A word as systemd reads it: in quotes where it is not plain, with % and $ doubled. */
function quoted(word: string): string {
  const text = word.replaceAll('%', '%%').replaceAll('$', () => '$$');
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `"${text.replace(/["\\]/g, (mark) => `\\${mark}`)}"`;
}
