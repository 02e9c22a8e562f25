import { expect, test } from 'vitest';
import { functionName } from '../../../node/bird/filter-functions.ts';
import { bird1, bird6, block } from '../../support/routing/texts.ts';

test('BGPFilters', () => {
  const text = bird6('filters');
  expect(text).not.toContain('bgp_f');
  const four = bird1('filters');
  expect(block(four, "function 'bgp_f_importFilterV4'")).toEqual([
    "function 'bgp_f_importFilterV4'(bool is_internal)",
    '{',
    '  if ((net ~ [ 10.0.0.0/8{9,24} ])) then { reject; }',
    // A network of the other family cannot be meant.
    '  reject;',
    '  if ((defined(source) && source = RTS_BGP) && !is_internal && (defined(ifname) && ifname ~ "eth*")) then { accept; }',
    '  if (((65000, 1) ~ bgp_community) && (bgp_path ~ [= 65000 * =]) && (bgp_local_pref = 2147483547)) then { reject; }',
    '  if (((65000, 1, 2) ~ bgp_large_community) && (bgp_path ~ [= 65000 65546 * =])) then { bgp_community.add((65000, 3)); bgp_large_community.add((65000, 3, 4)); bgp_path.prepend(65002); bgp_path.prepend(65001); bgp_local_pref = 2147483135; accept; }',
    '  accept;',
    '}',
  ]);
  const session = block(four, 'protocol bgp');
  expect(session.slice(-3, -1)).toEqual([
    "  import filter { 'bgp_f_importFilterV4'(false); accept; };",
    "  export filter { if !(defined(source) && source = RTS_BGP) then bgp_local_pref = 2147482623; 'bgp_f_exportFilterV4'(false); calico_export4(false); };",
  ]);
  expect(block(four, 'filter calico_kernel4')).toContain(
    '  if (defined(bgp_local_pref) && bgp_local_pref >= 1073741823) then krt_metric = 2147483647 - bgp_local_pref;',
  );
});

test('a rule that cannot be read rejects everything', () => {
  const rules = block(bird1('filters that cannot be read'), "function 'bgp_f_exportFilterV4'");
  expect(rules.slice(2, -1).map((line) => line.trim())).toEqual([
    'reject;',
    expect.stringContaining('ifname ~ "?; } protocol static'),
    'reject;',
    'reject;',
    'reject;',
  ]);
});

test('a filter’s function has the filter’s name where BIRD takes it', () => {
  expect(functionName('my-filter.1', 'import', 4)).toBe("'bgp_my-filter.1_importFilterV4'");
  expect(functionName('x'.repeat(41), 'export', 6)).toMatch(/^'bgp_[0-9a-f]{16}_exportFilterV6'$/);
  expect(functionName("'(); reject", 'export', 6)).toMatch(/^'bgp_[0-9a-f]{16}_exportFilterV6'$/);
});
