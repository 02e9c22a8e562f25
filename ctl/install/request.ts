import type { NetConf } from '../../shared/cni/netconf.ts';
import type { Survey } from './findings.ts';
import type { Credentials } from './kubeconfig.ts';
import type { Settings } from './settings.ts';

/** What an installation goes by besides the files. */
export interface InstallRequest {
  readonly settings: Settings;
  readonly survey: Survey;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly version: string;
  /** The template's text; '' when none is given. */
  readonly template: string;
  /** How pods' plugin reaches the API server; undefined outside of a pod. */
  readonly credentials: Credentials | undefined;
  /** The pod's own token, which a template may ask for. */
  readonly podToken: string;
  /** SHA-256 of a text. */
  readonly sum: (text: string) => string;
  /** Throws what the plugin would for every container on a node of this name. */
  readonly judge: (conf: NetConf, node: string) => void;
  /** Whether the node has this file; true where it cannot be seen. */
  readonly isThere: (path: string) => boolean;
}
