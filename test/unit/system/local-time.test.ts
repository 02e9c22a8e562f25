import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { afterEach, describe, expect, test } from 'vitest';
import { localTime, readZone } from '../../../shared/system/local-time.ts';

const NOW = Date.UTC(2026, 10, 21, 7, 6, 55, 176);
const zoneFile = (zone: string) => `/usr/share/zoneinfo/${zone}`;

/** The result of date(1) with the same files, in minutes: the engine's own tables may be older or newer. */
function offsetsOf(zones: readonly string[], ms: number): readonly number[] {
  const script = 'for zone; do TZ=":$zone" date -d "@$SECONDS_THEN" +%z; done';
  const env = { PATH: process.env['PATH'], SECONDS_THEN: String(Math.floor(ms / 1000)) };
  const said = execFileSync('sh', ['-c', script, 'sh', ...zones], { env, encoding: 'utf8' });
  return said
    .trim()
    .split('\n')
    .map((text) => Number(`${text[0]}1`) * (Number(text.slice(1, 3)) * 60 + Number(text.slice(3))));
}

describe.skipIf(!existsSync(zoneFile('UTC')))('a zone file', () => {
  test.each([
    ['UTC', 0],
    ['Asia/Kolkata', 330],
    ['America/Bogota', -300],
    ['Asia/Kathmandu', 345],
    ['Europe/Berlin', undefined],
    // Standard time all year by its last line, yet with listed changes to come.
    ['Africa/Casablanca', undefined],
  ])('of %s gives %s', (zone, expected) => {
    expect(readZone(readFileSync(zoneFile(zone)), NOW)).toBe(expected);
  });

  test('agrees with date(1) in every zone', () => {
    const zones = Intl.supportedValuesOf('timeZone').filter((zone) => existsSync(zoneFile(zone)));
    expect(zones.length).toBeGreaterThan(100);
    let compared = 0;
    for (const ms of [NOW, Date.UTC(2026, 6, 1), Date.UTC(2031, 1, 1)]) {
      const expected = offsetsOf(zones, ms);
      for (const [at, zone] of zones.entries()) {
        const offset = readZone(readFileSync(zoneFile(zone)), ms);
        if (offset === undefined) continue;
        compared++;
        expect([zone, offset]).toEqual([zone, expected[at]]);
      }
    }
    expect(compared).toBeGreaterThan(100);
  });
});

describe('local time', () => {
  const before = process.env['TZ'];
  afterEach(() => {
    if (before === undefined) delete process.env['TZ'];
    else process.env['TZ'] = before;
  });

  test.each([
    ['', '2026-11-21 07:06:55.176'],
    ['UTC', '2026-11-21 07:06:55.176'],
    ['America/Bogota', '2026-11-21 02:06:55.176'],
    ['Australia/Adelaide', '2026-11-21 17:36:55.176'],
  ])('where TZ is "%s"', (zone, expected) => {
    process.env['TZ'] = zone;
    expect(localTime(NOW, { TZ: zone })).toBe(expected);
  });

  test("without TZ is the host's", () => {
    delete process.env['TZ'];
    const shifted = new Date(NOW - new Date(NOW).getTimezoneOffset() * 60_000);
    expect(localTime(NOW, {})).toBe(shifted.toISOString().slice(0, -1).replace('T', ' '));
  });
});
