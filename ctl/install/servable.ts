import { requireKnownDevice, requireKnownShaper } from '../../plugins/call/preconditions.ts';
import { requireUrl } from '../../plugins/call/readiness.ts';
import { sharedProfile } from '../../plugins/decide/add-decision.ts';
import { identify, requireNames } from '../../plugins/decide/identity.ts';
import { requireAddable } from '../../plugins/decide/kubernetes-datastore.ts';
import { requireDelay } from '../../plugins/kubernetes/policy-wait.ts';
import { readCniArgs } from '../../shared/cni/args.ts';
import type { NetConf } from '../../shared/cni/netconf.ts';
import { readEtcdConfig } from '../../shared/etcd/config.ts';
import { isInKubernetes } from './kubernetes-check.ts';

/** Any container. What is refused for it is refused for all. */
const CONTAINER = { containerID: 'container', ifName: 'eth0' };
/** Stands for the runtime's environment, if the configuration leaves the endpoints of etcd to it. */
const ENVIRONMENT = { ETCD_ENDPOINTS: 'https://127.0.0.1:2379' };
const NO_FILES = { keyFile: '', certFile: '', caCertFile: '' };

/**
 * Throws the errors that the plugin throws for every container before any work, because of the configuration and the node's
 * name. Does not look at files: they may be below another root.
 */
export function requireServable(conf: NetConf, node: string): void {
  if (isInKubernetes(conf)) requireAddable({}, conf);
  else requireEtcd(conf);
  if (conf.type !== 'calico') return;
  requireKnownDevice(conf);
  requireKnownShaper(conf);
  requireDelay(conf);
  for (const gate of conf.readinessGates) requireUrl(gate);
  const profile = sharedProfile(conf);
  const identity = identify(conf, CONTAINER, readCniArgs('', { ignoreUnknown: true }), node, '');
  requireNames(identity, profile === undefined ? [] : [profile]);
}

function requireEtcd({ datastoreType, etcd: { endpoints, discoverySrv } }: NetConf): void {
  const env = endpoints === '' && discoverySrv === '' ? ENVIRONMENT : {};
  readEtcdConfig({ datastoreType, etcd: { endpoints, discoverySrv, ...NO_FILES } }, env);
}
