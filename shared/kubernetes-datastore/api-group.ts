/** Which of Calico's two sets of custom resources a process uses, for all kinds. Data is not shared between them. */
export interface ApiGroup {
  readonly name: 'crd.projectcalico.org' | 'projectcalico.org';
  readonly version: 'v1' | 'v3';
}

export const V1: ApiGroup = { name: 'crd.projectcalico.org', version: 'v1' };
export const V3: ApiGroup = { name: 'projectcalico.org', version: 'v3' };

/** e.g. `crd.projectcalico.org/v1` */
export const apiVersionOf = ({ name, version }: ApiGroup): string => `${name}/${version}`;

/**
 * The group that `calico_api_group` in the configuration or CALICO_API_GROUP in the environment names (as Calico): anything
 * but projectcalico.org/v3 is v1. Undefined when it is left to the server.
 */
export function configuredGroup(given: string): ApiGroup | undefined {
  if (given === '') return undefined;
  return given.toLowerCase() === apiVersionOf(V3) ? V3 : V1;
}
