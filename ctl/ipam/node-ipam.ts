import { journalled } from '../../ipam/journal/journal-files.ts';
import { fileContent, hostName } from '../../shared/call/node-name.ts';
import { NODENAME_FILE } from '../../shared/cni/netconf-read.ts';
import { transact } from '../../shared/datastore/transaction.ts';
import type { Command } from '../command-line/command.ts';
import { nodeAddresses } from './node-blocks.ts';
import { nodeText } from './node-text.ts';

/** `calicoctl node ipam`. */
export const nodeIpam: Command = {
  words: 'node ipam',
  summary: "Show this node's blocks, its block limit and its pending releases",
  about: 'The pending releases are always those of this machine.',
  options: [{ flags: '--node <name>', summary: "the node's name (default: the nodename file, then the host name)" }],
  examples: [
    { what: 'This node', line: 'node ipam' },
    { what: 'Another one', line: 'node ipam --node=node2' },
  ],
  async run(context, args) {
    const node = args.text('node') ?? (fileContent(NODENAME_FILE) || hostName());
    const addresses = await transact(context, () => nodeAddresses(node, context.world.now()));
    context.out(nodeText(node, addresses, journalled()));
    return 0;
  },
};
