import { VERSION } from '../../shared/call/version.ts';
import { failure } from '../../shared/error/failure.ts';
import { type Digest, isFileOrLink, textOf } from './files.ts';
import type { Survey } from './findings.ts';
import type { PodAccount } from './pod-account.ts';
import type { InstallRequest } from './request.ts';
import { requireServable } from './servable.ts';
import { onNode, type Settings } from './settings.ts';

/** What is known before an installation is planned. */
export interface InstallFacts {
  readonly settings: Settings;
  readonly survey: Survey;
  readonly sums: Digest;
  readonly account: PodAccount | undefined;
  readonly env: InstallRequest['env'];
}

/** A request to install, without credentials for the plugin. Throws a Failure for a template that cannot be read. */
export const prepared = ({ settings, survey, sums, account, env }: InstallFacts): InstallRequest => ({
  settings,
  survey,
  env,
  version: VERSION,
  template: templateOf(settings),
  podToken: account?.token ?? '',
  credentials: undefined,
  sum: sums.text,
  judge: requireServable,
  isThere: (path: string) => settings.inContainer || isFileOrLink(onNode(settings, path)),
});

function templateOf({ template, templateFile }: Settings): string {
  if (templateFile === '') return template;
  const text = textOf(templateFile);
  if (text === '')
    throw failure(`cannot read ${templateFile}: the file is empty or does not exist`, 'check CNI_NETWORK_CONFIG_FILE');
  return text;
}
