/** What the manifest depends on. */
export interface MetricsRequest {
  readonly datastore: 'kubernetes' | 'etcd';
  readonly image: string;
  /** A Secret with TLS and users; '' for neither. */
  readonly secret: string;
  /** A duration. */
  readonly checkEvery: string;
}

/** The port of the figures of the original's kube-controllers. */
export const PORT = 9094;
