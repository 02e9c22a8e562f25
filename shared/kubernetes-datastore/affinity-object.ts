import { parseObject } from '../calico/stored.ts';
import { type AffinityRef, textOf } from '../datastore/ref.ts';
import { parseCidr } from '../net/cidr.ts';
import type { IpamObject } from './ipam-object.ts';
import { specOf } from './metadata.ts';
import { affinityName, hostnameHash } from './object-names.ts';

const TYPE = 'projectcalico.org/affinity-type';
const HASH = 'projectcalico.org/hostname-hash';
const VERSION = 'projectcalico.org/ip-version';

/** Selects what lists by label do not show: no type, or the empty one that Calico's upgrade writes for an object without a type. */
export const UNLABELLED = `${TYPE} notin (host,virtual)`;

/** Affinities as custom resources. Old objects have no labels and no type, which then is `host`. */
export const AFFINITIES: IpamObject = {
  plural: () => 'blockaffinities',
  kind: () => 'BlockAffinity',
  name: (ref) => (ref.kind === 'affinity' ? affinityName(ref.node, ref.cidr) : ''),
  refOf({ type = '', node, cidr: text }) {
    const cidr = typeof text === 'string' ? parseCidr(text) : undefined;
    const kind = type === '' ? 'host' : type;
    if (cidr === undefined || typeof node !== 'string' || (kind !== 'host' && kind !== 'virtual')) return undefined;
    return { kind: 'affinity', type: kind, node, cidr };
  },
  isDeleted: ({ deleted }) => deleted === true || deleted === 'true',
  fields: (object) => ({ state: specOf(object)['state'] ?? '', deleted: false }),
  spec(ref, value, { version }) {
    const { type, node, cidr } = ref as AffinityRef;
    const { state } = value === '' ? {} : parseObject(textOf(ref), value);
    return { state: state ?? '', node, type, cidr: cidr.text, deleted: version === 'v1' ? 'false' : false };
  },
  labels(ref) {
    const { type, node, cidr } = ref as AffinityRef;
    return { [TYPE]: type, [HASH]: hostnameHash(node), [VERSION]: String(cidr.family) };
  },
  // One list for both families.
  selector: ({ node }) => (node === undefined ? '' : `${TYPE}=host,${HASH}=${hostnameHash(node)}`),
};
