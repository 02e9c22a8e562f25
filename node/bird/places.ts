import type { Family } from '../../shared/net/address.ts';
import type { Release } from './release.ts';

/** One BIRD: its program, and the files that it uses. */
export interface BirdPlace {
  readonly program: string;
  readonly families: readonly Family[];
  readonly configuration: string;
  readonly socket: string;
}

/** The socket is where calico/node's is, so that whatever asks that one finds this one. */
export const DEFAULT_SOCKET = '/var/run/calico/bird.ctl';
export const DEFAULT_CONFIGURATION = '/var/run/calico/bird.cfg';

/** The processes of a release: 1.6 has one for each family, whose files are named bird6 instead of bird. */
export const placesOf = (release: Release, configuration: string, socket: string): readonly BirdPlace[] =>
  release === 2
    ? [{ program: 'bird', families: [4, 6], configuration, socket }]
    : [
        { program: 'bird', families: [4], configuration, socket },
        { program: 'bird6', families: [6], configuration: sixth(configuration), socket: sixth(socket) },
      ];

/** `/run/bird/bird6.ctl` of `/run/bird/bird.ctl`; another name gets a 6 at its end. */
export function sixth(path: string): string {
  const cut = path.lastIndexOf('/') + 1;
  const [folder, name] = [path.slice(0, cut), path.slice(cut)];
  return folder + (name.startsWith('bird') ? name.replace('bird', 'bird6') : `${name}6`);
}
