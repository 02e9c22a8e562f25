import { platform } from '#platform';

/** What commander uses of Node's process: terminals, for the width of help, and the environment. */
const output = (fd: number) => ({
  get isTTY() {
    return platform.isTerminal(fd);
  },
  get columns() {
    return platform.terminalSize(fd)?.columns;
  },
  hasColors: () => true,
});

export const stdout = output(1);
export const stderr = output(2);
export const env = platform.env;
export const versions = {};
export const execArgv = [];
export const argv = [];
