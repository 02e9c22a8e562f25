/** What the manifest depends on. */
export interface MetricsRequest {
  readonly datastore: 'kubernetes' | 'etcd';
  readonly image: string;
  /** A Secret with TLS and users; '' for neither. */
  readonly secret: string;
  /** Durations: how often the data is checked, and how long an address may be without an endpoint. */
  readonly checkEvery: string;
  readonly grace: string;
}

/** The port of the figures of the original's kube-controllers. */
export const PORT = 9094;
