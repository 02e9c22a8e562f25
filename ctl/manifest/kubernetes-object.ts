/** An object for the Kubernetes API. */
export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly [field: string]: unknown;
}

/** The namespace of everything that has one. */
export const NAMESPACE = 'kube-system';
/** The names by which the pods of the DaemonSet are found. */
export const LABELS = { 'k8s-app': 'calico-cni' } as const;
