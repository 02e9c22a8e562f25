import { openBed } from '../../support/bed/open-bed.ts';
import type { Dump } from '../../support/etcd/etcd.ts';
import { agedBlocks } from '../../support/stored/aged.ts';
import { BASE, conf, POOL6, pool } from '../../support/stored/cluster.ts';
import { block, claimOn } from '../../support/stored/ipam-world.ts';
import { CLAIMED_AT, type Cluster, FOREIGN, NO_LINKS } from './cluster.ts';

const SIZE = 64;
const FOREIGN_BLOCK = {
  cidr: FOREIGN.cidr,
  affinity: 'host:node2',
  affinity_claim_time: CLAIMED_AT,
  allocations: Array.from({ length: SIZE }, () => null),
  unallocated: Array.from({ length: SIZE }, (_, ordinal) => ordinal),
  attributes: [],
  sequenceNumber: 1000,
  sequenceNumberForAllocation: {},
  deleted: false,
};

const SEED: Dump = {
  ...BASE,
  ...POOL6,
  ...pool(FOREIGN.pool, FOREIGN.cidr),
  [block(FOREIGN.cidr)]: JSON.stringify(FOREIGN_BLOCK),
  [claimOn('node2', FOREIGN.cidr)]: '{"state":"confirmed","deleted":false}',
};

/** Blocks and affinities of node1, and the network's profile, which its first ADD makes. */
const isOfNode1 = (key: string): boolean => /\/block\/|\/profiles\/net1$/.test(key) && !(key in SEED);

/** The cluster with its data in etcd. */
export async function openEtcdCluster(): Promise<Cluster> {
  const { host, etcd, container, call, close } = await openBed();
  await etcd.put(SEED);
  return {
    datastore: 'etcd',
    host,
    container,
    call,
    conf,
    respelt: { etcd_endpoints: 'http://localhost:2379/' },
    dump: () => etcd.dump(),
    wipe: async () => etcd.del(...Object.keys(await etcd.dump()).filter(isOfNode1)),
    cutPower: async () => {
      await host.must('sh', ['-ec', NO_LINKS]);
      await etcd.put(agedBlocks(await etcd.dump()));
    },
    close,
  };
}
