import { describe, expect, test } from 'vitest';
import { probeOf } from '../../../ctl/watch/probe.ts';
import { formatState, INSTALLER, probeAnswer } from '../../../ctl/watch/state.ts';
import { NOTHING_REPORTED, unreported } from '../../../ctl/watch/unreported.ts';

describe('a probe', () => {
  const fine = formatState({ at: 100, why: '' });
  const broken = formatState({ at: 100, why: 'the disk is full' });

  test.each([
    ['ready', fine, 120, 0, 'ready\n'],
    ['live', fine, 120, 0, 'live\n'],
    ['ready', broken, 120, 1, 'not ready: the disk is full\n'],
    ['live', broken, 120, 0, 'live\n'],
    ['live', fine, 160, 0, 'live\n'],
    ['live', fine, 162, 1, 'calico-install --watch has not written /run/calico-install/state for 62 s\n'],
    ['ready', fine, 162, 1, 'calico-install --watch has not written /run/calico-install/state for 62 s\n'],
    ['live', '', 120, 1, 'calico-install --watch does not run here: no /run/calico-install/state\n'],
    ['live', '{"at":', 120, 1, 'calico-install --watch does not run here: no /run/calico-install/state\n'],
    ['live', fine, 5, 1, 'calico-install --watch does not run here: no /run/calico-install/state\n'],
  ] as const)('--%s of %j at %d s: %d %s', (probe, text, uptime, status, said) => {
    expect(probeAnswer(INSTALLER, probe, text, uptime)).toEqual({ status, text: said });
  });

  test('is one word', () => {
    expect([['--ready'], ['--live'], ['--ready', '--watch'], ['--watch'], []].map(probeOf)).toEqual([
      'ready',
      'live',
      undefined,
      undefined,
      undefined,
    ]);
  });
});

describe('what is said', () => {
  test('is each note once, and a problem again only after it was gone', () => {
    const first = unreported(NOTHING_REPORTED, ['a', 'a'], ['x']);
    expect(first).toMatchObject({ notes: ['a'], problems: ['x'] });
    const second = unreported(first.reported, ['a', 'b'], ['x', 'y']);
    expect(second).toMatchObject({ notes: ['b'], problems: ['y'] });
    const third = unreported(second.reported, [], []);
    expect(third).toMatchObject({ notes: ['all is as it should be again'], problems: [] });
    expect(unreported(third.reported, [], ['x'])).toMatchObject({ problems: ['x'] });
    expect(unreported(third.reported, [], []).notes).toEqual([]);
  });

  test('is forgotten after many other notes', () => {
    let reported = unreported(NOTHING_REPORTED, ['a'], []).reported;
    for (let at = 0; at < 100; at++) reported = unreported(reported, [`${at}`], []).reported;
    expect(unreported(reported, ['a', '99'], []).notes).toEqual(['a']);
  });
});
