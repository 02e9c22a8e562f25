import { execa } from 'execa';

/** A shell session, line by line: each command is printed as a person would type it, then run. */
export interface Transcript {
  /** Prints a headline. */
  title(text: string): void;
  /** Runs a command line in `sh`, prints its output and returns its stdout. A failure throws. */
  run(command: string): Promise<string>;
}

/**
 * `env`: variables the commands may use. `stopped` aborts the running command. `enter`: the command line that runs a shell where
 * the session is. `prompt` says on which machine.
 */
export function openTranscript(
  env: Readonly<Record<string, string>>,
  stopped: AbortSignal,
  enter: readonly string[] = [],
  prompt = '$',
): Transcript {
  return {
    title: (text) => console.log(`\n# ${text}`),
    run: async (command) => {
      stopped.throwIfAborted();
      console.log(`${prompt} ${command}`);
      const [program = '', ...words] = [...enter, 'sh', '-c', command];
      const ran = await execa(program, words, { env, reject: false, cancelSignal: stopped, stdin: 'ignore' });
      stopped.throwIfAborted();
      for (const text of [ran.stdout, ran.stderr]) if (text !== '') console.log(text);
      if (ran.exitCode !== 0) throw new Error(`The command failed with status ${ran.exitCode ?? ran.signal}`);
      return ran.stdout;
    },
  };
}
