import { Failure } from '../error/failure.ts';

/** The longest name of an object. */
const MOST = 253;
const LABEL = '[a-z0-9](?:[-a-z0-9]*[a-z0-9])?';
const SUBDOMAIN = new RegExp(`^${LABEL}(?:\\.${LABEL})*$`);

/** Whether the Kubernetes API takes it as an object's name: a DNS subdomain (RFC 1123). */
export const isObjectName = (name: string): boolean => name.length <= MOST && SUBDOMAIN.test(name);

/** The name of the object that a handle is. Ids that differ only in case share one. */
export const handleObjectName = (id: string): string => id.toLowerCase();

/** Whether the Kubernetes API can hold a handle of this id: what it cannot, no ADD has ever made. */
export const isHandleStorable = (id: string): boolean => isObjectName(handleObjectName(id));

/** Refuses, before any work, to take addresses under a handle that the Kubernetes API cannot hold. */
export function requireHandleStorable(id: string, network: string): void {
  if (isHandleStorable(id)) return;
  const isNetworks = !isObjectName(network.toLowerCase());
  throw new Failure(
    isNetworks ? 'invalid network configuration' : 'invalid environment',
    isNetworks
      ? `the network's name cannot be stored: ${network}`
      : `CNI_CONTAINERID cannot be stored under this network: ${id}`,
    {
      where:
        `The Kubernetes datastore keeps addresses under ${id}, which must be a name of at most ${MOST} letters, digits, "-" and ".", ` +
        `with a letter or digit at both ends of each part: ${isNetworks ? 'give the network another name' : 'etcd takes such ids'}`,
    },
  );
}
