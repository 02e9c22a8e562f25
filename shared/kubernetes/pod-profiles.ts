/** The profiles that Calico keeps for a namespace and for a service account (as Calico). */
export function podProfiles(namespace: string, serviceAccount: string): readonly string[] {
  return [`kns.${namespace}`, ...(serviceAccount === '' ? [] : [`ksa.${namespace}.${serviceAccount}`])];
}
