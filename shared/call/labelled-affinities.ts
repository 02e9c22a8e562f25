import { sha1 } from '../bytes/hash.ts';
import type { Labelling } from '../kubernetes-datastore/unlabelled.ts';
import { closeFile, exists, makeFolder, Open, openFile } from '../system/files.ts';

/** Gone after a boot, so that each boot looks again. */
const FOLDER = '/var/run/calico/cni';

/** Remembers that a node's affinities in a datastore have labels. */
export function labelledAffinities(mark: string, node: string): Labelling {
  const path = `${FOLDER}/affinities-labelled-${sha1(`${mark} ${node}`).slice(0, 12)}`;
  return {
    isDone: () => exists(path),
    done() {
      try {
        makeFolder(FOLDER, 0o755);
        closeFile(openFile(path, Open.append | Open.noLink, 0o600));
      } catch {
        // The next call looks again.
      }
    },
  };
}
