import { createHash } from 'node:crypto';
import type { FoundFile, Survey, TextFile } from '../../../ctl/install/findings.ts';
import { installPlan } from '../../../ctl/install/plan.ts';
import type { InstallRequest } from '../../../ctl/install/request.ts';
import { requireServable } from '../../../ctl/install/servable.ts';
import { readSettings } from '../../../ctl/install/settings.ts';
import type { InstallStep } from '../../../ctl/install/steps.ts';

export const sum = (text: string) => createHash('sha256').update(text).digest('hex');

export const NODE = readSettings({}, undefined, false);
export const CONTAINER = readSettings({}, undefined, true);

/** An executable. Two with the same inode are one file. */
export const file = (path: string, sha256: string, inode = path): FoundFile => ({
  path,
  name: path.slice(path.lastIndexOf('/') + 1),
  mode: 0o755,
  inode,
  sha256,
});

export const textFile = (path: string, text: string, mode = 0o600): TextFile => ({
  ...file(path, sum(text)),
  mode,
  text,
});

/** A machine without anything of ours. The executable's checksum is OWN. */
export const nothing = (changes: Partial<Survey> = {}): Survey => ({
  own: file('/image/calico-install', 'OWN'),
  plugins: [],
  executables: [{ path: '/opt/cni/bin', state: 'writable', files: [] }],
  net: [],
  tls: [],
  certificates: [],
  hasAssets: false,
  portmap: undefined,
  nodename: '',
  hasNetworkManager: false,
  networkManager: [],
  record: {},
  interfaces: ['lo', 'eth0'],
  networkd: undefined,
  journalled: 0,
  hostname: 'worker1',
  debris: [],
  ...changes,
});

/** A plan to install, with etcd named in the environment. */
export const plan = (survey: Partial<Survey> = {}, request: Partial<InstallRequest> = {}) =>
  installPlan({
    settings: NODE,
    survey: nothing(survey),
    env: { ETCD_ENDPOINTS: 'http://10.0.0.1:2379' },
    version: '1.2.3',
    template: '',
    credentials: undefined,
    podToken: '',
    sum,
    judge: requireServable,
    isThere: () => false,
    ...request,
  });

/** A summary of the steps: what is done where, without those of the record. */
export const brief = (steps: readonly InstallStep[]): readonly string[] =>
  steps.filter(({ path }) => !path.endsWith('/calico-installed')).map((step) => `${step.do} ${step.path}`);
