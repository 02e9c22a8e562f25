/** A PEM text, or the file that holds it. */
export type Material = { readonly file: string } | { readonly data: string };

/** A program that prints credentials (client.authentication.k8s.io). */
export interface ExecPlugin {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly apiVersion: string;
  /** Never, IfAvailable or Always; '' is IfAvailable. */
  readonly interactiveMode: string;
  readonly installHint: string;
  readonly provideClusterInfo: boolean;
}

/** An API server's address and our credentials, as configured; files are not read yet. */
export interface ApiConfig {
  /** With scheme, without a trailing slash. */
  readonly server: string;
  /** The name that its certificate must have; '' for the one in `server`. */
  readonly tlsServerName: string;
  readonly insecure: boolean;
  readonly ca: Material | undefined;
  readonly cert: Material | undefined;
  readonly key: Material | undefined;
  /** Bearer tokens: the file's takes precedence if it can be read. */
  readonly token: string;
  readonly tokenFile: string;
  readonly username: string;
  readonly password: string;
  readonly exec: ExecPlugin | undefined;
  /** The file with the credentials, for messages; '' when they come from the configuration or the environment. */
  readonly source: string;
}

/** The settings in a network configuration or kubeconfig; '' and undefined when not set. */
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
