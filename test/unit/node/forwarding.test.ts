import { describe, expect, test } from 'vitest';
import { acceptChange, acceptLines, acceptRules, ruleOfComment } from '../../../node/forwarding/forward-rules.ts';
import { legacyWords, readLegacyForward } from '../../../node/forwarding/legacy-rules.ts';
import { natSteps } from '../../../node/forwarding/nat-steps.ts';
import { forwardingPlans } from '../../../node/forwarding/plan.ts';
import { rangesOf } from '../../../node/forwarding/ranges.ts';
import { addressFrom } from '../../../shared/net/address.ts';
import { parseCidr } from '../../../shared/net/cidr.ts';
import { type StateText, stateOf } from '../../support/node/state-text.ts';

describe('ranges of networks:', () => {
  const ranges = (...networks: readonly string[]) =>
    rangesOf(networks.flatMap((text) => parseCidr(text) ?? [])).map(
      ({ address, isEnd }) => `${isEnd ? '<' : '>='} ${addressFrom(address)}`,
    );

  test.each([
    [[], []],
    [['10.10.0.0/16'], ['>= 10.10.0.0', '< 10.11.0.0']],
    [
      ['10.11.0.0/16', '10.10.0.0/16'],
      ['>= 10.10.0.0', '< 10.12.0.0'],
    ],
    [
      ['10.10.0.0/16', '10.20.0.0/26'],
      ['>= 10.10.0.0', '< 10.11.0.0', '>= 10.20.0.0', '< 10.20.0.64'],
    ],
    [
      ['10.10.0.0/16', '10.10.3.0/24', '10.10.0.0/16'],
      ['>= 10.10.0.0', '< 10.11.0.0'],
    ],
    [['0.0.0.0/0'], ['>= 0.0.0.0']],
    [['255.255.255.0/24'], ['>= 255.255.255.0']],
    [['fd00::/122'], ['>= fd00::', '< fd00::40']],
  ])('%j', (networks, wanted) => expect(ranges(...networks)).toEqual(wanted));
});

const plans = (text: Omit<StateText, 'node'>) => forwardingPlans(stateOf({ node: 'one', ...text }));
const NAT = { cidr: '10.10.0.0/16', nat: true };

describe('the plan:', () => {
  test('only families with pools are forwarded', () => {
    expect(plans({})).toEqual([]);
    expect(plans({ pools: [{ cidr: 'fd00::/48' }] }).map(({ family, nat }) => [family, nat])).toEqual([[6, undefined]]);
  });

  test('pools with natOutgoing are translated, to everywhere but all pools', () => {
    const [plan] = plans({ pools: [NAT, { cidr: '10.11.0.0/16' }, { cidr: 'fd00::/48', nat: true }] });
    expect(plan?.nat?.pools.map(({ text }) => text)).toEqual(['10.10.0.0/16']);
    expect(plan?.nat?.inside.map(({ text }) => text)).toEqual(['10.10.0.0/16', '10.11.0.0/16']);
    expect(plan?.prefixes).toEqual(['cali']);
    expect(plan?.forwards).toBe(true);
  });

  test('nodes keep seeing the source if FelixConfiguration says so', () => {
    const nodes = [{ name: 'two', ipv4: '10.0.0.2/24', ipv6: 'fd00:1::2/64' }];
    const [plan] = plans({ nodes, pools: [NAT], felix: { natOutgoingExclusions: 'IPPoolsAndHostIPs' } });
    expect(plan?.nat?.inside.map(({ text }) => text)).toEqual(['10.10.0.0/16', '10.0.0.2/32']);
  });

  test.each([
    ['32768:65535', [32768, 65535]],
    [4000, [4000, 4000]],
    ['', undefined],
    ['5:4', undefined],
    ['1:2:3', undefined],
    ['0:70000', undefined],
    ['many', undefined],
  ])('natPortRange %j', (natPortRange, ports) => {
    expect(plans({ pools: [NAT], felix: { natPortRange } })[0]?.nat?.ports).toEqual(ports);
  });

  test('an address of the other family is not used', () => {
    const felix = { natOutgoingAddress: 'fd00::1', ipForwarding: 'Disabled', interfacePrefix: 'cali, tap' };
    const [plan] = plans({ pools: [NAT], felix });
    expect(plan?.nat?.address).toBeUndefined();
    expect(plan?.forwards).toBe(false);
    expect(plan?.prefixes).toEqual(['cali', 'tap']);
  });

  test('tunnels are known by their pools', () => {
    const tunnels = plans({
      pools: [
        { cidr: '10.20.0.0/16', vxlan: 'CrossSubnet' },
        { cidr: '10.21.0.0/16', ipip: 'Always' },
        { cidr: 'fd00::/48', vxlan: 'Always' },
      ],
    }).map(({ nat }) => nat?.tunnels);
    expect(tunnels).toEqual([['vxlan.calico', 'tunl0'], ['vxlan-v6.calico']]);
  });

  test('each step says which modules of the kernel it needs', () => {
    const [plan] = plans({ pools: [NAT, { cidr: '10.20.0.0/16', vxlan: 'Always' }] });
    const modules = plan?.nat === undefined ? [] : natSteps(plan.nat, 'x').map((step) => step.modules);
    expect(modules.slice(-3)).toEqual(['nft_chain_nat', 'nft_masq', 'nft_fib_ipv4 and nft_masq']);
  });
});

describe('rules that accept:', () => {
  const wanted = acceptRules(['cali']);

  test('missing ones are added, foreign ones left, surplus ones removed', () => {
    const found = ['theirs', '', wanted[0]?.comment ?? '', wanted[0]?.comment ?? '', 'calicoctl node run: to tap+'];
    const { missing, surplus } = acceptChange(
      wanted,
      found.map((comment, at) => ({ comment, at })),
    );
    expect(missing).toEqual([wanted[1]]);
    expect(surplus.map(({ at }) => at)).toEqual([3, 4]);
    expect(acceptLines('iptables', { missing, surplus })).toEqual([
      'iptables drops forwarded packets by policy: added rules to FORWARD that accept those of cali+',
      'iptables: removed rules from FORWARD that accept forwarded packets of pods',
    ]);
  });

  test('a rule is known by its comment', () => {
    for (const rule of wanted) expect(ruleOfComment(rule.comment)).toEqual(rule);
    expect(ruleOfComment('calicoctl node run: something else')).toBeUndefined();
  });

  test('what iptables-legacy prints is read', () => {
    const printed = `-P FORWARD DROP
-A FORWARD -i docker0 -m comment --comment "from cali+" -j ACCEPT
-A FORWARD -o cali+ -m comment --comment "calicoctl node run: to cali+" -j ACCEPT
-N KUBE-FORWARD
`;
    expect(readLegacyForward(printed)).toEqual({ drops: true, ours: [wanted[1]] });
    expect(readLegacyForward('-P FORWARD ACCEPT\n')).toEqual({ drops: false, ours: [] });
    expect(wanted.slice(0, 1).map((rule) => legacyWords('-D', rule).join(' '))).toEqual([
      '-D FORWARD -i cali+ -m comment --comment calicoctl node run: from cali+ -j ACCEPT',
    ]);
  });
});
