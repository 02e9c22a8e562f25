import { describe, expect, test } from 'vitest';
import { labelFaults } from '../../../shared/calico/labels.ts';

const LONG = 'a'.repeat(64);

describe('labels that Kubernetes’ rules allow', () => {
  test.each([
    ['tier', 'front-end'],
    ['a', ''],
    ['MyName', 'My_value.1'],
    ['a'.repeat(63), 'b'.repeat(63)],
    ['projectcalico.org/orchestrator', 'cni'],
    [`${'a'.repeat(63)}.example/x`, '1'],
  ])('%s: %s', (key, value) => {
    expect(labelFaults({ [key]: value })).toEqual([]);
  });
});

describe('labels that the original rejects', () => {
  test.each([
    ['', 'x', "Metadata.Labels (label) = '' (name part must be non-empty)"],
    [LONG, 'x', `Metadata.Labels (label) = '${LONG}' (name part must be no more than 63 characters)`],
    ['_x', 'x', "Metadata.Labels (label) = '_x' (name part must begin and end with a letter or digit"],
    ['x-', 'x', "Metadata.Labels (label) = 'x-' (name part must begin and end with a letter or digit"],
    ['a b', 'x', "Metadata.Labels (label) = 'a b' (name part must begin and end with a letter or digit"],
    ['a/b/c', 'x', "Metadata.Labels (label) = 'a/b/c' (a label has one name behind at most one prefix and '/')"],
    ['/x', 'x', "Metadata.Labels (label) = '/x' (prefix part must be non-empty)"],
    ['A_b/x', 'x', "Metadata.Labels (label) = 'A_b/x' (prefix part must be a lower case DNS subdomain)"],
    [
      `${'a.'.repeat(127)}a/x`,
      'x',
      `Metadata.Labels (label) = '${'a.'.repeat(127)}a/x' (prefix part must be no more than 253 characters)`,
    ],
    ['x', LONG, `Metadata.Labels (value) = '${LONG}' (must be no more than 63 characters)`],
    ['x', '_', "Metadata.Labels (value) = '_' (must be empty, or begin and end with a letter or digit"],
    ['x', 'a/b', "Metadata.Labels (value) = 'a/b' (must be empty, or begin and end with a letter or digit"],
  ])('%j: %j', (key, value, fault) => {
    expect(labelFaults({ [key]: value })).toEqual([expect.stringContaining(fault)]);
  });
});
