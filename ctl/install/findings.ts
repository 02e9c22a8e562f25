import type { InstallRecord } from './record.ts';

/** A regular file, or a link to one. Names of the same file have the same `inode`. */
export interface FoundFile {
  readonly path: string;
  readonly name: string;
  readonly mode: number;
  readonly inode: string;
  /** '' unless it was wanted. */
  readonly sha256: string;
}

/** A folder for executables and all files in it. */
export interface ExecutableFolder {
  readonly path: string;
  readonly state: 'absent' | 'readonly' | 'writable';
  readonly files: readonly FoundFile[];
}

/** A small file, read completely. */
export interface TextFile extends FoundFile {
  readonly text: string;
}

/** What exists, here and on the node, before anything is done. */
export interface Survey {
  /** The running executable, which will be installed. */
  readonly own: FoundFile;
  /** Other plugins in the image. */
  readonly plugins: readonly FoundFile[];
  readonly executables: readonly ExecutableFolder[];
  /** The folder of network configurations. */
  readonly net: readonly TextFile[];
  /** The folder calico-tls in it. */
  readonly tls: readonly TextFile[];
  /** The new certificates for etcd. */
  readonly certificates: readonly TextFile[];
  /** Whether the folder that they are copied from exists. */
  readonly hasAssets: boolean;
  /** The CNI versions that the plugin portmap reports; undefined if it is missing. */
  readonly portmap: readonly string[] | undefined;
  /** Content of the node's nodename file, '' for none; undefined if it cannot be seen from here. */
  readonly nodename: string | undefined;
  readonly hasNetworkManager: boolean;
  readonly networkManager: readonly TextFile[];
  readonly record: InstallRecord;
  readonly interfaces: readonly string[];
  /** The text of systemd-networkd's configuration; undefined if it does not run. */
  readonly networkd: string | undefined;
  /** Entries in the journal. */
  readonly journalled: number;
  readonly hostname: string;
  /** Incomplete files of killed calls. */
  readonly debris: readonly string[];
}

/** The names under which the executable is installed; the first is the file, the others link to it. */
export const OWN_NAMES = ['calico', 'calico-ipam', 'calico-install'] as const;
