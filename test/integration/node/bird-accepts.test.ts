import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { tools } from '../../../build/tools.ts';
import { routingOf } from '../../../node/bgp/routing.ts';
import { birdConfiguration } from '../../../node/bird/configuration.ts';
import { CASES, PASSWORDS } from '../../support/routing/cases.ts';
import { chanceStates } from '../../support/routing/chance-states.ts';

const folder = mkdtempSync(join(tmpdir(), 'bird-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** What `bird -p` says of a configuration; nothing when it accepts it. */
async function complaint(program: string, text: string): Promise<string> {
  const file = join(folder, 'bird.conf');
  writeFileSync(file, text);
  const { exitCode, stderr } = await execa(program, ['-p', '-c', file], { reject: false });
  return exitCode === 0 ? '' : `${stderr}\n${text}`;
}

const PROCESSES = [
  ['BIRD 1.6, IPv4', 1, 'bird', [4]],
  ['BIRD 1.6, IPv6', 1, 'bird6', [6]],
  ['BIRD 2', 2, 'bird', [4, 6]],
] as const;

describe.each(PROCESSES)('%s accepts', (_, release, program, families) => {
  test.each(Object.entries(CASES))('%s', async (_name, state) => {
    const text = birdConfiguration(routingOf(state, PASSWORDS), release, families);
    expect(await complaint(join(tools().birds?.[release] ?? '', program), text)).toBe('');
    // What hostile texts would add.
    expect(text).not.toMatch(/^[^#"]*1\.2\.3\.4/m);
  });

  test('whatever is stored', async () => {
    const passwords = new Map([
      ['s/k', 'secret'],
      ['s/odd', '"; }'],
    ]);
    const property = fc.asyncProperty(chanceStates, async (state) => {
      const text = birdConfiguration(routingOf(state, passwords), release, families);
      expect(await complaint(join(tools().birds?.[release] ?? '', program), text)).toBe('');
    });
    await fc.assert(property, { numRuns: 150 });
  });
});
