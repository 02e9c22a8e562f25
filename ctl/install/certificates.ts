import { platform } from '#platform';
import { sleep } from '../../shared/system/pause.ts';
import { carryOut } from './carry-out.ts';
import { textOf } from './files.ts';
import type { Settings } from './settings.ts';
import type { InstallStep } from './steps.ts';

const NAMES = ['etcd-ca', 'etcd-cert', 'etcd-key'];
const EVERY_MS = 2_000;

/** When a long-running process ends, and what it reports until then. */
export interface Watch {
  readonly tag: string;
  /** Called after a file has been copied, or could not be. */
  copied(step: InstallStep, error: unknown): void;
}

/** Copies etcd's certificates and key whenever one of them changes, until SIGTERM or SIGINT. */
export async function keepCertificates({ tlsAssets, netFolder }: Settings, { tag, copied }: Watch): Promise<void> {
  let stopped = false;
  const stop = new Promise<void>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      platform.onSignal(signal, () => {
        stopped = true;
        resolve();
      });
    }
  });
  // Kubernetes replaces a secret by changing a link in its folder, which watching the file itself would miss.
  while (!stopped) {
    for (const step of changes(tlsAssets, `${netFolder}/calico-tls`)) {
      try {
        carryOut(step, tag);
        copied(step, undefined);
      } catch (thrown) {
        copied(step, thrown);
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
