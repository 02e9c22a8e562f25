import { readFileSync } from 'node:fs';
import { openBed } from './bed.ts';
import type { Conf } from './cluster.ts';

const USAGE = 'usage: npm run cni -- VERB [VERB …] conf.json   e.g. npm run cni -- ADD CHECK DEL conf.json\n';

/**
 * Runs verbs one after the other for one container in throw-away namespaces with an etcd of its own, and shows what
 * each one said and left. Answers the exit status of the last.
 */
export async function cniCommand(words: readonly string[]): Promise<number> {
  const verbs = words.slice(0, -1);
  const file = words.at(-1);
  if (file === undefined || verbs.length === 0) {
    process.stderr.write(USAGE);
    return 2;
  }
  const given: Conf = JSON.parse(readFileSync(file, 'utf8'));
  const bed = await openBed();
  try {
    const container = await bed.container();
    const defaults = { etcd_endpoints: bed.etcd.endpoint, nodename: 'node1', nodename_file_optional: true };
    const untouched = await bed.etcd.dump();
    let prevResult: unknown;
    let status = 0;
    for (const command of verbs) {
      const conf = { ...defaults, ...given, ...(prevResult === undefined ? {} : { prevResult }) };
      const ran = await bed.call(command, container, { conf });
      process.stderr.write(ran.stderr);
      say(`${command}: exit ${ran.exit}, ${ran.millis.toFixed(1)} ms`, ran.stdout);
      if (command === 'ADD' && ran.exit === 0) prevResult = JSON.parse(ran.stdout);
      const { etcd, host, pods } = await bed.state();
      const written = Object.entries(etcd).filter(([key, value]) => untouched[key] !== value);
      say('in etcd', written.map((entry) => entry.join('\n  ')).join('\n'));
      say('on the host', JSON.stringify(host, null, 1));
      say('in the container', JSON.stringify(pods, null, 1));
      status = ran.exit ?? 1;
    }
    return status;
  } finally {
    await bed.close();
  }
}

function say(title: string, text: string): void {
  process.stdout.write(`— ${title}\n${text}${text === '' || text.endsWith('\n') ? '' : '\n'}`);
}
