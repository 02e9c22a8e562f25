import { hex } from '../../shared/bytes/text.ts';
import { toFailure } from '../../shared/error/failure-context.ts';
import { failureText } from '../../shared/error/failure-text.ts';
import type { World } from '../../shared/system/world.ts';
import { INSTALLER } from '../watch/state.ts';
import { forgetState } from '../watch/state-file.ts';
import type { Voice } from '../watch/voice.ts';
import { carryOut } from './carry-out.ts';
import type { InstallCommand } from './command-line.ts';
import { digest, namesIn } from './files.ts';
import { NO_REQUESTS } from './new-token.ts';
import { installPlan } from './plan.ts';
import { credentialsOf, pluginToken, podAccount } from './pod-account.ts';
import { type InstallFacts, prepared } from './prepared.ts';
import { removalPlan } from './removal-plan.ts';
import { readSettings, type Settings } from './settings.ts';
import { type InstallPlan, stepText } from './steps.ts';
import { lookAround } from './survey.ts';
import { idle, watch } from './watch.ts';

/** Carries out a command. Returns the exit status: 0 done, 1 failed. */
export async function obey(world: World, command: InstallCommand, say: (text: string) => void): Promise<number> {
  const complain = (problem: string) => world.stderr(`calico-install: ${problem}\n`);
  try {
    await carriedOut(world, command, { say, complain });
    return 0;
  } catch (thrown) {
    world.stderr(failureText(toFailure(thrown, 'installing'), 'calico-install: '));
    return 1;
  }
}

async function carriedOut(world: World, command: InstallCommand, voice: Voice): Promise<void> {
  const settings = readSettings(world.env, command.root, namesIn('/host').length > 0);
  const stays = !command.dryRun && (command.watch || (settings.sleep && !command.uninstall));
  if (stays && !command.uninstall) return watch(world, settings, voice);
  if (stays) forgetState(INSTALLER);
  follow(world, command, await planned(world, settings, command, voice), voice);
  if (stays) await idle();
}

async function planned(world: World, settings: Settings, command: InstallCommand, voice: Voice): Promise<InstallPlan> {
  const sums = digest();
  const survey = lookAround(settings, sums, Number(world.now() / 1_000_000n));
  if (command.uninstall) return removalPlan(settings, survey, command.force);
  return installation(
    world,
    { settings, survey, sums, account: podAccount(world, settings), env: world.env },
    command,
    voice,
  );
}

async function installation(
  world: World,
  known: InstallFacts,
  { dryRun }: InstallCommand,
  { say }: Voice,
): Promise<InstallPlan> {
  const { account, settings } = known;
  const request = prepared(known);
  // Report invalid input before requesting a token. A dry run requests none.
  const draft = installPlan({ ...request, credentials: account && credentialsOf(account, '') });
  if (dryRun || account === undefined) return draft;
  const token = await pluginToken(account, settings, world);
  if (token === account.token) say(`note: ${NO_REQUESTS}\n`);
  return installPlan({ ...request, credentials: credentialsOf(account, token) });
}

function follow(world: World, { dryRun }: InstallCommand, { steps, notes }: InstallPlan, { say }: Voice): void {
  const tag = hex(world.random(8));
  for (const [at, step] of steps.entries()) {
    if (!dryRun) carryOut(step, tag);
    // The record is written twice but reported once.
    if (steps.findLastIndex(({ path }) => path === step.path) === at) say(stepText(step, dryRun));
  }
  for (const note of notes) say(`note: ${note}\n`);
}
