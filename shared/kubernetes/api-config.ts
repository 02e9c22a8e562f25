/** A PEM text, or the file that holds it. */
export type Material = { readonly file: string } | { readonly data: string };

/** A program that prints credentials (client.authentication.k8s.io). */
export interface ExecPlugin {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly apiVersion: string;
  readonly installHint: string;
  readonly provideClusterInfo: boolean;
}

/** Where an API server is and by what we are known to it: as configured, files not yet read. */
export interface ApiConfig {
  /** With its scheme, without a trailing slash. */
  readonly server: string;
  /** The name its certificate must have; '' for the one in `server`. */
  readonly tlsServerName: string;
  readonly insecure: boolean;
  readonly ca: Material | undefined;
  readonly cert: Material | undefined;
  readonly key: Material | undefined;
  /** Bearer tokens: the file's counts when both are given and it can be read. */
  readonly token: string;
  readonly tokenFile: string;
  readonly username: string;
  readonly password: string;
  readonly exec: ExecPlugin | undefined;
  /** The file the credentials are from, for messages; '' when from the configuration or the environment. */
  readonly source: string;
}

/** What a network configuration or a kubeconfig say of it; '' and undefined for what they leave open. */
export type PartialConfig = Omit<ApiConfig, 'source'>;

export const NOTHING: PartialConfig = {
  server: '',
  tlsServerName: '',
  insecure: false,
  ca: undefined,
  cert: undefined,
  key: undefined,
  token: '',
  tokenFile: '',
  username: '',
  password: '',
  exec: undefined,
};
