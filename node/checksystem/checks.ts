import { type Check, fine } from './check.ts';
import { moduleChecks } from './modules.ts';
import { neighbourChecks } from './neighbours.ts';
import type { System } from './system.ts';

/** Everything about a machine that matters to pods and their routes. */
export const checksOf = (system: System): readonly Check[] => [
  kernelCheck(system.kernel),
  ...moduleChecks(system.modules),
  ...settingChecks(system),
  ...programChecks(system),
  ...firewallChecks(system),
  ...neighbourChecks(system),
];

/** The first with NAT in nf_tables for both families beside iptables. */
const OLDEST = [4, 18] as const;

function kernelCheck(kernel: string): Check {
  const [section, name] = ['kernel version', `Linux, ${OLDEST.join('.')} or later`];
  const [major = 0, minor = 0] = kernel.split(/[.-]/).map(Number);
  if (major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])) return fine(section, name, kernel);
  return { section, name, state: 'failed', found: kernel, remedy: 'a newer kernel' };
}

const SETTINGS = 'settings';
const FORWARDING = ['net/ipv4/ip_forward', 'net/ipv6/conf/all/forwarding'];
const REVERSE_PATHS = ['all', 'default'].map((which) => `net/ipv4/conf/${which}/rp_filter`);
/** The settings that are looked at. */
export const SETTING_PATHS = [...FORWARDING, ...REVERSE_PATHS];

function settingChecks({ settings, canChangeSettings, isRoot }: System): readonly Check[] {
  return [
    isRoot
      ? fine(SETTINGS, 'user', 'root')
      : {
          section: SETTINGS,
          name: 'user',
          state: 'warning',
          found: 'not root',
          remedy: 'run it as root: it sees more',
        },
    canChangeSettings
      ? fine(SETTINGS, '/proc/sys', 'can be written')
      : {
          section: SETTINGS,
          name: '/proc/sys',
          state: 'failed',
          found: 'read-only',
          remedy: 'a container must be privileged, with the host’s network',
        },
    ...FORWARDING.map((path) => forwarding(path, settings[path])),
    ...REVERSE_PATHS.map((path) => reversePath(path, settings)),
  ];
}

function forwarding(path: string, value: string | undefined): Check {
  if (value === undefined) return fine(SETTINGS, path, 'none: the family is disabled');
  return fine(SETTINGS, path, value === '1' ? '1' : `${value}: calicoctl node run sets it`);
}

function reversePath(path: string, settings: System['settings']): Check {
  const value = settings[path] ?? '0';
  if (value !== '2') return fine(SETTINGS, path, value);
  const remedy = `nothing for calicoctl node run; Felix does not start with it, unless IgnoreLooseRPF is set: sysctl -w ${path.replaceAll('/', '.')}=1`;
  return { section: SETTINGS, name: path, state: 'warning', found: '2: sources are hardly checked', remedy };
}

const PROGRAMS = 'programs';

/** What to do about programs that are missing. None is necessary for pods, and none for VXLAN. */
const REMEDIES = {
  ip: 'install iproute2: ipam check looks at interfaces and routes with it',
  tc: 'install iproute2: bandwidth limits need it',
  bird: 'install bird or bird2, for BGP; VXLAN needs none',
};
/** The programs that are looked for. */
export const PROGRAM_NAMES = Object.keys(REMEDIES);

const programChecks = ({ programs }: System): readonly Check[] =>
  Object.entries(REMEDIES).map(([name, remedy]) =>
    programs[name] === undefined
      ? { section: PROGRAMS, name, state: 'warning', found: 'missing', remedy }
      : fine(PROGRAMS, name, programs[name]),
  );

const FIREWALL = 'firewall';

function firewallChecks({ forwardPolicy, running, managers }: System): readonly Check[] {
  const policies = Object.entries(forwardPolicy).map(([program, policy]) => forwardCheck(program, policy));
  const isUfwOn = managers.ufw.some(({ text }) => /^ENABLED=yes$/im.test(text));
  const guards = [...(running.has('firewalld') ? ['firewalld'] : []), ...(isUfwOn ? ['ufw'] : [])];
  if (guards.length === 0) return [...policies, fine(FIREWALL, 'firewalld, ufw', 'not active')];
  const remedy = 'let it pass TCP port 179 for BGP, UDP port 4789 for VXLAN, and forwarded packets of the pools';
  return [
    ...policies,
    { section: FIREWALL, name: 'firewalld, ufw', state: 'warning', found: `active: ${guards}`, remedy },
  ];
}

function forwardCheck(program: string, policy: string | undefined): Check {
  const name = `FORWARD of ${program}`;
  if (policy === undefined) return { section: FIREWALL, name, state: 'unknown', found: `no ${program}, or not root` };
  if (policy === 'ACCEPT') return fine(FIREWALL, name, policy);
  const remedy = 'nothing with calicoctl node run, which accepts pods’ packets; without it: iptables -P FORWARD ACCEPT';
  return { section: FIREWALL, name, state: 'warning', found: `${policy}, as Docker sets it`, remedy };
}
