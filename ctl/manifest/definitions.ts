import { PLURALS } from '../../shared/calico/resource-kind.ts';
import type { Kind } from '../kinds/kind.ts';
import { KINDS } from '../kinds/kinds.ts';
import { objectOf } from '../resource/shape.ts';
import { KEEPS_UNKNOWN, type Schema, schemaOf } from './field-schema.ts';
import { IPAM_SCHEMAS } from './ipam-schemas.ts';
import type { KubernetesObject } from './kubernetes-object.ts';

/** The API group of Calico's objects, and its version. */
export const GROUP = 'crd.projectcalico.org';
export const GROUP_VERSION = `${GROUP}/v1`;

interface Definition {
  readonly kind: string;
  readonly plural: string;
  readonly namespaced?: boolean;
  readonly spec: Schema;
  /** The schema of status; without it there is none. */
  readonly status?: Schema;
  /** Whether status is written apart from the rest. */
  readonly ownStatus?: boolean;
}

/** Kinds that are not stored under their own name: Kubernetes has them, or the group has another kind for them. */
const ELSEWHERE: readonly string[] = ['Node', 'Profile', 'WorkloadEndpoint', 'IPAMConfiguration'];
const ANYTHING: Schema = { type: 'object', ...KEEPS_UNKNOWN };

const IPAM: readonly Definition[] = [
  { kind: 'IPAMBlock', plural: 'ipamblocks', spec: IPAM_SCHEMAS.IPAMBlock },
  { kind: 'BlockAffinity', plural: PLURALS.BlockAffinity, spec: IPAM_SCHEMAS.BlockAffinity },
  { kind: 'IPAMHandle', plural: 'ipamhandles', spec: IPAM_SCHEMAS.IPAMHandle },
  { kind: 'IPAMConfig', plural: 'ipamconfigs', spec: IPAM_SCHEMAS.IPAMConfig },
  { kind: 'ClusterInformation', plural: PLURALS.ClusterInformation, spec: IPAM_SCHEMAS.ClusterInformation },
];

/** Fields of a pool that must be there, and that must not change, because addresses depend on them. */
const POOL = { required: ['cidr'], fixed: ['cidr', 'blockSize'] } as const;

/** The custom resource definitions of every kind that Calico stores, without short names, as in this group. */
export const definitions = (): readonly KubernetesObject[] => {
  const written = KINDS.filter(({ name }) => !ELSEWHERE.includes(name) && !IPAM.some(({ kind }) => kind === name));
  return [...IPAM, ...written.map(definitionOf)].map(objectFor);
};

function definitionOf({ name, plural, namespaced, rules }: Kind): Definition {
  const isPool = name === 'IPPool';
  const spec = rules === undefined ? ANYTHING : schemaOf(rules.spec);
  const status = rules?.status === undefined ? {} : { status: ANYTHING };
  return { kind: name, plural, namespaced, spec: isPool ? poolSchema(spec) : spec, ...status, ownStatus: isPool };
}

function poolSchema(spec: Schema): Schema {
  const properties = objectOf(spec['properties']) ?? {};
  const fixed = POOL.fixed.map((name) => {
    const rules = [{ rule: 'self == oldSelf', message: `the ${name} of a pool cannot be changed` }];
    return [name, { ...objectOf(properties[name]), 'x-kubernetes-validations': rules }];
  });
  return { ...spec, properties: { ...properties, ...Object.fromEntries(fixed) }, required: POOL.required };
}

function objectFor({
  kind,
  plural,
  namespaced = false,
  spec,
  status,
  ownStatus = false,
}: Definition): KubernetesObject {
  const text = { type: 'string' };
  const properties = { apiVersion: text, kind: text, metadata: { type: 'object' }, spec, ...(status && { status }) };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${GROUP}` },
    spec: {
      group: GROUP,
      names: { kind, listKind: `${kind}List`, plural, singular: kind.toLowerCase() },
      scope: namespaced ? 'Namespaced' : 'Cluster',
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          schema: { openAPIV3Schema: { type: 'object', properties } },
          ...(ownStatus && { subresources: { status: {} } }),
        },
      ],
    },
  };
}
