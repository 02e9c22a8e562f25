import { describe, expect, test } from 'vitest';
import { readCniArgs } from '../../../shared/cni/args.ts';
import { failure } from '../../../shared/error/failure.ts';

const NOTHING = { k8sPodNamespace: '', k8sPodName: '', ip: '', mac: '', testNamespace: '' };
const strictly = (text: string) => readCniArgs(text, { ignoreUnknown: false });

describe('CNI_ARGS', () => {
  test.each([
    ['', {}],
    ['IgnoreUnknown=1', {}],
    ['K8S_POD_NAMESPACE=prod;K8S_POD_NAME=web-0', { k8sPodNamespace: 'prod', k8sPodName: 'web-0' }],
    ['IP=10.0.0.5', { ip: '10.0.0.5' }],
    ['IP=FD00:0::5', { ip: 'fd00::5' }],
    ['IP=', {}],
    ['MAC=0A-00-00-00-00-Ff', { mac: '0a:00:00:00:00:ff' }],
    ['CNI_TEST_NAMESPACE=ns', { testNamespace: 'ns' }],
    ['K8S_POD_INFRA_CONTAINER_ID=x', {}],
    ['IP=10.0.0.5;IP=10.0.0.6', { ip: '10.0.0.6' }],
    ['IgnoreUnknown=TRUE;FOO=bar', {}],
    ['FOO=bar;IgnoreUnknown=1', {}],
  ])('%s', (text, said) => {
    expect(strictly(text)).toEqual({ ...NOTHING, ...said });
  });

  test('unknown keys are ignored when the caller sets IgnoreUnknown', () => {
    expect(readCniArgs('K8S_POD_UID=1;ip=x', { ignoreUnknown: true })).toEqual(NOTHING);
  });
});

describe('invalid CNI_ARGS', () => {
  test.each([
    ['FOO', 'ARGS: invalid pair "FOO"'],
    ['IgnoreUnknown=1;', 'ARGS: invalid pair ""'],
    ['A=b=c', 'ARGS: invalid pair "A=b=c"'],
    ['FOO=bar', 'ARGS: unknown args ["FOO=bar"]'],
    ['FOO=bar;IP=10.0.0.1;B=', 'ARGS: unknown args ["FOO=bar" "B="]'],
    ['IgnoreUnknown=1;FOO=bar;IgnoreUnknown=0', 'ARGS: unknown args ["FOO=bar"]'],
    [
      'IgnoreUnknown=Yes',
      'ARGS: error parsing value of pair "IgnoreUnknown=Yes": boolean unmarshal error: invalid input yes',
    ],
    ['IP=10.0.0.5/24', 'ARGS: error parsing value of pair "IP=10.0.0.5/24": invalid IP address: 10.0.0.5/24'],
    ['IP=010.0.0.5', 'ARGS: error parsing value of pair "IP=010.0.0.5": invalid IP address: 010.0.0.5'],
    ['MAC=00:11', 'ARGS: error parsing value of pair "MAC=00:11": address 00:11: invalid MAC address'],
    ['A\n"=é\u200b;x', 'ARGS: invalid pair "x"'],
    ['A\n"\u0007\u200b\u{1f600}\u{e0001}é', 'ARGS: invalid pair "A\\n\\"\\a\\u200b\u{1f600}\\U000e0001é"'],
  ])('%j', (text, expected) => {
    expect(() => strictly(text)).toThrow(failure(expected));
  });

  test("the caller's IgnoreUnknown=0 overrides the default", () => {
    expect(() => readCniArgs('FOO=bar;IgnoreUnknown=0', { ignoreUnknown: true })).toThrow(
      'ARGS: unknown args ["FOO=bar"]',
    );
  });
});
