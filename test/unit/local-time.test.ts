import { existsSync, readFileSync } from 'node:fs';
import { afterEach, describe, expect, test } from 'vitest';
import { localTime, readZone } from '../../shared/local-time.ts';

const NOW = Date.UTC(2026, 10, 21, 7, 6, 55, 176);
const zoneFile = (zone: string) => `/usr/share/zoneinfo/${zone}`;

/** What the engine knows of a zone. */
function offsetOf(zone: string, ms: number): number {
  const parts = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' }).formatToParts(ms);
  const [, sign, hours, minutes] = /GMT(?:([+-])(\d\d):(\d\d))?/.exec(parts.at(-1)?.value ?? '') ?? [];
  return hours === undefined ? 0 : (Number(hours) * 60 + Number(minutes)) * (sign === '-' ? -1 : 1);
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

  test('says nothing else than the engine, for every zone', () => {
    const zones = Intl.supportedValuesOf('timeZone').filter((zone) => existsSync(zoneFile(zone)));
    let compared = 0;
    for (const ms of [NOW, Date.UTC(2026, 6, 1), Date.UTC(2031, 1, 1)]) {
      for (const zone of zones) {
        const offset = readZone(readFileSync(zoneFile(zone)), ms);
        if (offset === undefined) continue;
        compared++;
        expect([zone, offset]).toEqual([zone, offsetOf(zone, ms)]);
      }
    }
    expect(zones.length).toBeGreaterThan(100);
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
