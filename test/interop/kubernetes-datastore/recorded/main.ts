import { prepared } from '../../../../build/prepared.ts';
import { say } from '../../../../build/say.ts';
import { openKubernetesBed } from '../../../support/kubernetes-datastore/bed.ts';
import { record } from './recorder.ts';
import { writeRecording } from './recordings.ts';
import { SCENARIOS } from './scenarios.ts';

/** `npm run record -- [SCENARIO …]`: plays scenarios on a real API server, and stores what happens as what is right. */
async function main(names: readonly string[]): Promise<number> {
  const chosen = Object.entries(SCENARIOS).filter(([name]) => names.length === 0 || names.includes(name));
  const bed = await openKubernetesBed();
  try {
    for (const [name, steps] of chosen) {
      writeRecording(name, await record(bed, steps));
      say(`Recorded: ${name}`);
    }
  } finally {
    await bed.close();
  }
  return 0;
}

await prepared(() => main(process.argv.slice(2)), ['kube-apiserver', 'openssl']);
