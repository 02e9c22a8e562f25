import type { NetConf } from '../../shared/cni/netconf.ts';
import type { Survey } from './findings.ts';
import type { Credentials } from './kubeconfig.ts';
import type { Settings } from './settings.ts';

/** What an installation depends on besides the files. */
export interface InstallRequest {
  readonly settings: Settings;
  readonly survey: Survey;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly version: string;
  /** The template's text; '' without one. */
  readonly template: string;
  /** How the plugin reaches the API server; undefined outside of a pod. */
  readonly credentials: Credentials | undefined;
  /** The pod's own token, for templates that use it. */
  readonly podToken: string;
  /** SHA-256 of a text. */
  readonly sum: (text: string) => string;
  /** Throws the error with which the plugin would refuse every container on a node of this name. */
  readonly judge: (conf: NetConf, node: string) => void;
  /** Whether the node has this file; true if that cannot be seen from here. */
  readonly isThere: (path: string) => boolean;
}
