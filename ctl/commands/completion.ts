import { type Command, UsageError } from '../command-line/command.ts';
import { GLOBAL } from '../command-line/global-options.ts';
import { completionScript, SHELLS } from './completion-script.ts';

/** `calicoctl completion`; `commands` is the full list. */
export const completion = (commands: () => readonly Command[]): Command => ({
  words: 'completion',
  operands: '<shell>',
  operand: SHELLS,
  summary: 'Print a shell completion script',
  about: `For ${SHELLS.join(', ')}.`,
  options: [],
  examples: [
    { what: 'For bash', line: 'completion bash > /etc/bash_completion.d/calicoctl' },
    { what: 'For zsh, in a folder of $fpath', line: 'completion zsh > /usr/local/share/zsh/site-functions/_calicoctl' },
    { what: 'For fish', line: 'completion fish > ~/.config/fish/completions/calicoctl.fish' },
  ],
  run: async (context, args) => {
    const shell = SHELLS.find((known) => known === args.operands[0]);
    if (shell === undefined) throw new UsageError(`unknown shell '${args.operands[0]}': one of ${SHELLS.join(', ')}`);
    context.out(completionScript(shell, { commands: commands(), common: GLOBAL }));
    return 0;
  },
});
