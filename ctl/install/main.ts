import { hex } from '../../shared/bytes/text.ts';
import { VERSION } from '../../shared/call/version.ts';
import { failure } from '../../shared/error/failure.ts';
import { toFailure } from '../../shared/error/failure-context.ts';
import { failureText } from '../../shared/error/failure-text.ts';
import type { World } from '../../shared/system/world.ts';
import { carryOut } from './carry-out.ts';
import { keepCertificates } from './certificates.ts';
import { type InstallCommand, readCommandLine } from './command-line.ts';
import { type Digest, digest, isFileOrLink, namesIn, textOf } from './files.ts';
import type { Survey } from './findings.ts';
import type { Credentials } from './kubeconfig.ts';
import { installPlan } from './plan.ts';
import { credentialsOf, type PodAccount, pluginToken, podAccount } from './pod-account.ts';
import { removalPlan } from './removal-plan.ts';
import { requireServable } from './servable.ts';
import { onNode, readSettings, type Settings } from './settings.ts';
import { type InstallPlan, stepText } from './steps.ts';
import { lookAround } from './survey.ts';

/** The executable `calico-install`. Resolves to its exit status: 0 done, 1 failed, 2 wrong usage. */
export async function main(world: World): Promise<number> {
  if (world.argv[0] === 'manifest') return printManifest(world);
  const line = readCommandLine(world.argv, VERSION);
  if ('text' in line) {
    if (line.status === 0) world.stdout(line.text);
    else world.stderr(line.text);
    return line.status;
  }
  try {
    await obey(world, line.command);
    return 0;
  } catch (thrown) {
    complain(world, thrown);
    return 1;
  }
}

async function printManifest(world: World): Promise<number> {
  const { manifest } = await import('../manifest/manifest.ts');
  const { out, err, status } = manifest(world, world.argv.slice(1));
  world.stdout(out);
  world.stderr(err);
  return status;
}

function complain(world: World, thrown: unknown): void {
  world.stderr(failureText(toFailure(thrown, 'installing'), 'calico-install: '));
}

async function obey(world: World, command: InstallCommand): Promise<void> {
  const settings = readSettings(world.env, command.root, namesIn('/host').length > 0);
  const sums = digest();
  const survey = lookAround(settings, sums, Number(world.now() / 1_000_000n));
  const plan = command.uninstall
    ? removalPlan(settings, survey, command.force)
    : await planned(world, command, { settings, survey, sums });
  const tag = hex(world.random(8));
  follow(world, command, plan, tag);
  if (!settings.sleep || command.dryRun || command.uninstall) return;
  await keepCertificates(settings, {
    tag,
    copied: (step, error) => (error === undefined ? world.stdout(stepText(step, false)) : complain(world, error)),
  });
}

interface Known {
  readonly settings: Settings;
  readonly survey: Survey;
  readonly sums: Digest;
}

async function planned(world: World, command: InstallCommand, { settings, survey, sums }: Known): Promise<InstallPlan> {
  const account = podAccount(world, settings);
  const request = {
    settings,
    survey,
    env: world.env,
    version: VERSION,
    template: templateOf(settings),
    podToken: account?.token ?? '',
    sum: sums.text,
    judge: requireServable,
    isThere: (path: string) => settings.inContainer || isFileOrLink(onNode(settings, path)),
  };
  // Report invalid input before requesting a token. A dry run requests none.
  const draft = installPlan({ ...request, credentials: account && credentialsOf(account, '') });
  if (command.dryRun || account === undefined) return draft;
  return installPlan({ ...request, credentials: await newCredentials(world, settings, account) });
}

async function newCredentials(world: World, settings: Settings, account: PodAccount): Promise<Credentials> {
  const token = await pluginToken(account, settings, world);
  if (token === account.token) {
    world.stdout(
      "note: this API server does not issue tokens on request: the kubeconfig contains this pod's own token\n",
    );
  }
  return credentialsOf(account, token);
}

function templateOf({ template, templateFile }: Settings): string {
  if (templateFile === '') return template;
  const text = textOf(templateFile);
  if (text === '')
    throw failure(`cannot read ${templateFile}: the file is empty or does not exist`, 'check CNI_NETWORK_CONFIG_FILE');
  return text;
}

function follow(world: World, { dryRun }: InstallCommand, { steps, notes }: InstallPlan, tag: string): void {
  for (const [at, step] of steps.entries()) {
    if (!dryRun) carryOut(step, tag);
    // The record is written twice but reported once.
    if (steps.findLastIndex(({ path }) => path === step.path) === at) world.stdout(stepText(step, dryRun));
  }
  for (const note of notes) world.stdout(`note: ${note}\n`);
}
