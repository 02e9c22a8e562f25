import { build } from './executables.ts';
import { furnishSandbox, isInSandbox, needRoot, runInSandbox } from './sandbox.ts';
import { reasonOf, say } from './say.ts';
import { type Extra, setup } from './setup.ts';
import { type Tools, tools, toolsVariable } from './tools.ts';

/**
 * Runs the program's work in an isolated environment. Outside, fetches what is missing, builds, and starts the same
 * program again in its own namespaces. Inside, does `work` and exits with the status it returns.
 * `extras`: what `work` needs in addition to etcd, ping and the reference plugins.
 */
export async function prepared(work: (found: Tools) => Promise<number>, extras: readonly Extra[] = []): Promise<void> {
  try {
    if (isInSandbox()) {
      furnishSandbox();
      process.exitCode = await work(tools());
    } else {
      await needRoot();
      const found = await setup(extras);
      await build();
      process.exitCode = await runInSandbox(
        [process.execPath, ...process.execArgv, ...process.argv.slice(1)],
        toolsVariable(found),
      );
    }
  } catch (error) {
    say(reasonOf(error));
    process.exitCode = 1;
  }
}
