import { sleep } from '../../shared/system/pause.ts';
import { carryOut } from './carry-out.ts';
import { textOf } from './files.ts';
import type { Settings } from './settings.ts';
import type { InstallStep } from './steps.ts';

const NAMES = ['etcd-ca', 'etcd-cert', 'etcd-key'];
const EVERY_MS = 2_000;

/** How a process that stays hears that it is to go, and what it does meanwhile. */
export interface Watch {
  readonly tag: string;
  /** Called after a file has been copied, or has failed to be. */
  told(step: InstallStep, error: unknown): void;
}

/** Copies etcd's certificates and key again whenever one of them changes, until SIGTERM or SIGINT comes. */
export async function keepCertificates({ tlsAssets, netFolder }: Settings, { tag, told }: Watch): Promise<void> {
  let stopped = false;
  const stop = new Promise<void>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.once(signal, () => {
        stopped = true;
        resolve();
      });
    }
  });
  // A secret is replaced by turning a link in its folder, which no watch on the file itself would see.
  while (!stopped) {
    for (const step of changes(tlsAssets, `${netFolder}/calico-tls`)) {
      try {
        carryOut(step, tag);
        told(step, undefined);
      } catch (thrown) {
        told(step, thrown);
      }
    }
    await Promise.race([sleep(EVERY_MS), stop]);
  }
}

function changes(from: string, to: string): readonly InstallStep[] {
  return NAMES.flatMap((name) => {
    const text = textOf(`${from}/${name}`);
    if (text === '' || text === textOf(`${to}/${name}`)) return [];
    return [{ do: 'write', path: `${to}/${name}`, text, mode: 0o600 } as const];
  });
}
