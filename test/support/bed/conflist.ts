import { mkdirSync, writeFileSync } from 'node:fs';
import { tools } from '../../../build/tools.ts';
import type { Ran } from '../host/host.ts';
import { netnsPath } from '../network/netns.ts';
import { type Conf, conf } from '../stored/cluster.ts';
import type { Bed, Container } from './bed.ts';

const FOLDER = '/run/calico-test/net.d';

/** A list of plugins, run by the reference runtime. */
export interface Chain {
  readonly cniVersion: string;
  /** The folder of reference plugins that support this version. */
  readonly plugins: string;
  /** Our entry, then the chained plugins. */
  readonly list: readonly Conf[];
  /** What a runtime passes by capability: bandwidth, portMappings, mac … */
  readonly capabilities?: Conf;
  /** A folder that precedes the plugins' usual PATH. */
  readonly path?: string;
}

/** Our entry of a list. It carries version and name for all plugins. */
export function entry(changes: Conf = {}): Conf {
  const { cniVersion: _, name: __, ...rest } = conf(changes);
  return rest;
}

/** Runs cnitool's `verb` on network net1 for a container. */
export function cnitool(bed: Bed, chain: Chain, verb: string, { netns }: Container): Promise<Ran> {
  const { cniVersion, list, plugins, capabilities = {}, path = '' } = chain;
  mkdirSync(bed.host.file(FOLDER), { recursive: true });
  const text = JSON.stringify({ cniVersion, name: 'net1', plugins: list });
  writeFileSync(bed.host.file(`${FOLDER}/10-net1.conflist`), text);
  const { bin, cnitool: program = '' } = tools();
  const env = {
    PATH: `${path}:/usr/sbin:/usr/bin:/sbin:/bin`,
    NETCONFPATH: FOLDER,
    CNI_PATH: `${bin}:${plugins}`,
    CAP_ARGS: JSON.stringify(capabilities),
  };
  return bed.host.run(program, [verb, 'net1', netnsPath(netns)], { env });
}
