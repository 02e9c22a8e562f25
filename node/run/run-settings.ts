import type { Args } from '../../ctl/command-line/args.ts';
import { durationSeconds } from '../../ctl/command-line/duration.ts';
import { UsageError } from '../../ctl/command-line/usage-error.ts';
import { type AddressSetting, addressSetting } from '../../ctl/init/address-setting.ts';
import { FORMS } from '../../ctl/schema/form.ts';
import { type DefaultPool, defaultPools } from '../registration/default-pools.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** What the command line and calico/node's variables say. */
export interface RunSettings {
  /** Undefined: as the nodename file or the host name says. */
  readonly name: string | undefined;
  readonly addresses: readonly AddressSetting[];
  /** How often they are looked for again. */
  readonly everyMs: number;
  readonly asNumber: number | undefined;
  readonly pools: readonly DefaultPool[];
  /** Whether BIRD announces and learns routes. */
  readonly withBird: boolean;
  /** Notes, each said once: options accepted for compatibility that have no effect here. */
  readonly notices: readonly string[];
}

/** Reads them. `isKubernetes`: pools are then made only when a variable names one. Throws UsageError. */
export function readRunSettings(args: Args, env: Environment, isKubernetes: boolean): RunSettings {
  refuse(args);
  return {
    name: args.text('name') || env['NODENAME'] || undefined,
    addresses: [addressSetting(args, env, 4), addressSetting(args, env, 6)],
    everyMs: (durationSeconds(env['AUTODETECT_POLL_INTERVAL'] ?? '') || 60) * 1_000,
    asNumber: asNumberOf(args.text('as') ?? env['AS'] ?? ''),
    pools: defaultPools(env, !args.flag('default-ippools'), isKubernetes),
    withBird: isBird(args.text('backend') ?? env['CALICO_NETWORKING_BACKEND'] ?? 'bird'),
    notices: NOTICES.filter(({ option }) => args.flag(option) || args.text(option) !== undefined).map(
      ({ option, why }) => `--${option} has no effect: ${why}`,
    ),
  };
}

const NOTICES = [
  { option: 'node-image', why: 'no container is started, this process itself does the work' },
  { option: 'log-dir', why: 'all is said on standard output and standard error' },
  { option: 'init-system', why: 'the process stays in the foreground in any case' },
];

function refuse(args: Args): void {
  if (args.flag('dryrun')) {
    throw new UsageError('--dryrun: there is no docker command to print; calicoctl node unit prints a systemd unit');
  }
  if (args.text('felix-config') !== undefined) {
    throw new UsageError('--felix-config: Felix is not started here; policy is enforced by calico/node only');
  }
}

function asNumberOf(text: string): number | undefined {
  if (text === '') return undefined;
  const number = FORMS.asNumber.read(text);
  if (number !== undefined) return number;
  throw new UsageError(`The AS number specified in the environment (AS=${text}) is not valid`);
}

function isBird(backend: string): boolean {
  if (backend === 'bird' || backend === 'vxlan') return backend === 'bird';
  throw new UsageError(
    backend === 'none'
      ? '--backend=none leaves nothing to do: without networking calico/node only enforces policy, which is not done here'
      : `unknown backend '${backend}': it must be bird, or vxlan for pools with vxlanMode: Always only`,
  );
}
