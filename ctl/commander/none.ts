/** Stands for Node's files and child processes: commander needs them only for subcommands that are programs of their own. */
export {};
