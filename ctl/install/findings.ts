import type { InstallRecord } from './record.ts';

/** A regular file, or a link to one; `inode` tells names of one file. */
export interface FoundFile {
  readonly path: string;
  readonly name: string;
  readonly mode: number;
  readonly inode: string;
  /** '' where nobody asked for it. */
  readonly sha256: string;
}

/** A folder for executables and all files in it. */
export interface ExecutableFolder {
  readonly path: string;
  readonly state: 'absent' | 'readonly' | 'writable';
  readonly files: readonly FoundFile[];
}

/** A small file that is read whole. */
export interface TextFile extends FoundFile {
  readonly text: string;
}

/** What there is, here and on the node, before anything is done. */
export interface Survey {
  /** The executable that runs: what is to be installed. */
  readonly own: FoundFile;
  /** Other plugins in the image. */
  readonly plugins: readonly FoundFile[];
  readonly executables: readonly ExecutableFolder[];
  /** The folder of network configurations. */
  readonly net: readonly TextFile[];
  /** calico-tls in it. */
  readonly tls: readonly TextFile[];
  /** What etcd's certificates are to be. */
  readonly certificates: readonly TextFile[];
  /** Whether the folder that they are taken from is there. */
  readonly hasAssets: boolean;
  /** The versions of the specification that the plugin portmap speaks, as far as it says; undefined where it is not there. */
  readonly portmap: readonly string[] | undefined;
  /** Content of the node's nodename file, '' for none; undefined where it is out of sight. */
  readonly nodename: string | undefined;
  readonly hasNetworkManager: boolean;
  readonly networkManager: readonly TextFile[];
  readonly record: InstallRecord;
  readonly interfaces: readonly string[];
  /** The text of systemd-networkd's configuration; undefined where it does not run. */
  readonly networkd: string | undefined;
  /** Releases that wait in the journal. */
  readonly journalled: number;
  readonly hostname: string;
  /** Half-written files of calls that were killed. */
  readonly debris: readonly string[];
}

/** The names under which the executable is installed; the first is the file, the others link to it. */
export const OWN_NAMES = ['calico', 'calico-ipam', 'calico-install'] as const;

/** Where a node's name is, unless the configuration names another file. */
export const NODENAME_FILE = '/var/lib/calico/nodename';
