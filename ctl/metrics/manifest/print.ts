import type { Args } from '../../command-line/command.ts';
import type { Context } from '../../command-line/context.ts';
import { durationOption } from '../../command-line/duration.ts';
import { UsageError } from '../../command-line/usage-error.ts';
import { imageReference } from '../../manifest/image.ts';
import { formatYaml } from '../../text/yaml.ts';
import { metricsDocuments } from './documents.ts';

const NAME = /^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/;

/** `ipam metrics --kubernetes`, for the datastore in use. */
export function printManifest({ target, out }: Pick<Context, 'target' | 'out'>, args: Args): number {
  for (const name of ['listen', 'textfile', 'web-config-file', 'only', 'node'])
    if (args.text(name) !== undefined) throw new UsageError(`--${name} cannot be used with --kubernetes`);
  const secret = args.text('web-config-secret') ?? '';
  if (secret !== '' && !NAME.test(secret))
    throw new UsageError(`--web-config-secret must be the name of a Secret: ${secret}`);
  // Otherwise only the pod would refuse them.
  for (const name of ['check-every', 'grace']) durationOption(args, name);
  const request = {
    datastore: target.type === 'kubernetes' ? 'kubernetes' : 'etcd',
    image: imageReference(args.text('image') ?? ''),
    secret,
    checkEvery: args.text('check-every') ?? '',
    grace: args.text('grace') ?? '',
  } as const;
  out(metricsDocuments(request).map(formatYaml).join('---\n'));
  return 0;
}
