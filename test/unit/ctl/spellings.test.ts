import { expect, test } from 'vitest';
import { FORMS, type FormName } from '../../../ctl/schema/form.ts';
import { FORMATS, type FormatName } from '../../../ctl/schema/format.ts';

test.each<[FormName, unknown, unknown]>([
  ['duration', '90s', '1m30s'],
  ['duration', '1h30m', '1h30m0s'],
  ['duration', '90m', '1h30m0s'],
  ['duration', '0', '0s'],
  ['duration', '0s', '0s'],
  ['duration', '1.5s', '1.5s'],
  ['duration', '.5m', '30s'],
  ['duration', '300ms', '300ms'],
  ['duration', '1500us', '1.5ms'],
  ['duration', '2µs', '2µs'],
  ['duration', '10m0.25s', '10m0.25s'],
  ['port', '443', 443],
  ['port', '80:80', 80],
  ['port', '8080:8090', '8080:8090'],
  ['port', 'http', 'http'],
  ['protocol', 'UDPLite', 'UDPLite'],
  ['protocol', '6', '6'],
  ['asNumber', '64512', 64_512],
  ['asNumber', '1.10', 65_546],
  ['asNumber', 4_294_967_295, 4_294_967_295],
  ['dscp', '46', 46],
])('%s %j is stored as %j', (form, given, stored) => {
  expect(FORMS[form].read(given)).toBe(stored);
});

test.each<[FormName, unknown]>([
  ['duration', '90'],
  ['duration', 90],
  ['duration', '-1s'],
  ['duration', '1d'],
  ['duration', '.s'],
  ['duration', '1h 30m'],
  ['duration', `${'9'.repeat(30)}h`],
  ['port', 0],
  ['port', 65_536],
  ['port', '8090:8080'],
  ['port', '80-90'],
  ['port', '80:'],
  ['port', 80.5],
  ['port', 'A'],
  ['port', 'a-name-of-16-byte'],
  ['portRange', 'http'],
  ['protocol', 'tcp'],
  ['protocol', 0],
  ['protocol', 256],
  ['asNumber', -1],
  ['asNumber', '65536.1'],
  ['asNumber', 4_294_967_296],
  ['asNumber', true],
  ['asNumber', {}],
  ['dscp', 'AF44'],
])('%s %j is refused', (form, given) => {
  expect(FORMS[form].read(given)).toBeUndefined();
});

test.each<[FormatName, readonly string[], readonly string[]]>([
  ['selector', ["a == 'b' && !has(c)", 'all()', ''], ['has(', 'global()', 'a = 1']],
  ['namespaceSelector', ['global()', ' global( )', "a == 'b'"], ["global() || a == 'b'", 'has(']],
  ['labelKey', ['app', 'example.com/app', 'A_b.c-D'], ['', '/a', 'a/', 'a/b/c', 'Example.com/a', 'a'.repeat(64)]],
  ['labelValue', ['', 'a', 'A.b_c-1'], ['-a', 'a b', 'a'.repeat(64)]],
  [
    'IP:port',
    ['10.0.0.1', '10.0.0.1:179', 'fd00::1', '[fd00::1]:179'],
    ['fd00::1:x', '10.0.0.1:65536', '[10.0.0:1', 'x'],
  ],
  ['mac', ['02:00:00:00:00:0a', '02-00-00-00-00-0A'], ['02:00:00:00:00', '02:00-00:00:00:00']],
  ['net', ['10.0.0.0/8', 'FD00:0::/16', '10.0.0.1/32'], ['10.0.0.1/8', '10.0.0.1', '10.0.0.0/33']],
  ['community', ['65535:1', '4294967295:1:1'], ['65536:1', '1', '1:2:3:4', '1:-1']],
  ['regexp', ['^(?i)eth', 'a.*'], ['(', '[']],
])('%s accepts %j, but not %j', (format, right, wrong) => {
  expect(right.filter((text) => FORMATS[format](text) !== undefined)).toEqual([]);
  expect(wrong.filter((text) => FORMATS[format](text) === undefined)).toEqual([]);
});
