import type { Command } from '../command-line/command.ts';

/** `calicoctl ipam metrics`. What it does is loaded when it is asked for. */
export const ipamMetrics: Command = {
  words: 'ipam metrics',
  summary: 'Print or serve figures of pools, blocks and CNI calls for Prometheus',
  about:
    'Figures of the cluster come from the datastore, those of this node’s CNI calls from files on this node. ' +
    'Status 0: done, 1: the datastore cannot be read; the figures say so too.',
  options: [
    { flags: '--listen <address:port>', summary: 'serve /metrics at this address until a signal comes' },
    {
      flags: '--web-config-file <file>',
      summary: "with --listen: TLS and users, in the format of Prometheus' exporters",
    },
    { flags: '--textfile <file>', summary: "write to this file, for node_exporter's textfile collector" },
    {
      flags: '--only <scope>',
      summary: 'only figures of the cluster, or only those of this node',
      choices: ['cluster', 'node'],
    },
    { flags: '--node <name>', summary: "this node's name (default: the nodename file, then the host name)" },
    {
      flags: '--check-every <duration>',
      summary: 'how often to look for leaks as ipam check does, which reads all pods; 0 for never',
      fallback: '5m',
    },
    {
      flags: '--grace <duration>',
      summary: 'how long an address may exist without an endpoint, e.g. 30s or 1h30m; 0 to allow none',
      fallback: '5m',
    },
    { flags: '--kubernetes', summary: 'print what to apply to have them served in a cluster' },
    { flags: '--image <reference>', summary: 'with --kubernetes: the image, as the nodes know it' },
    {
      flags: '--web-config-secret <name>',
      summary: 'with --kubernetes: a Secret with web-config.yml and the files that it names',
    },
  ],
  examples: [
    { what: 'The figures now', line: 'ipam metrics' },
    { what: 'Serve them', line: 'ipam metrics --listen=127.0.0.1:9094' },
    { what: 'Serve them in a cluster', line: 'ipam metrics --kubernetes' },
  ],
  run: async (context, args) => {
    if (args.flag('kubernetes')) return (await import('./manifest/print.ts')).printManifest(context, args);
    return (await import('./print.ts')).metrics(context, args);
  },
};
