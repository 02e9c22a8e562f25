import { fromUtf8 } from '../../../shared/bytes/text.ts';
import { programPath } from '../../../shared/system/exec.ts';
import { platform } from '../platform.ts';

/** What unit tests use of node:child_process. */
export function execFileSync(
  program: string,
  args: readonly string[],
  { env }: { readonly env?: Record<string, string> } = {},
): string {
  const path = program.startsWith('/') ? program : programPath(program);
  const limits = { timeout: 60_000, maxOutput: 16 << 20 };
  const { status, stdout, stderr } = platform.run(path, args, env === undefined ? limits : { ...limits, env });
  if (status !== 0) throw new Error(`${program} failed: ${fromUtf8(stderr)}`);
  return fromUtf8(stdout);
}
