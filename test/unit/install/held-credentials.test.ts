import { describe, expect, test } from 'vitest';
import { chooseKubeconfig, issued, withoutNewToken } from '../../../ctl/install/held-credentials.ts';
import { jwt } from '../watch/jwt.ts';

const now = { wall: 1_000, uptime: 50 };
const later = (seconds: number) => ({ wall: 1_000 + seconds, uptime: 50 + seconds });
const OURS = jwt(1_000, 1_600);
const held = issued(OURS, now, 0);
const file = (token: string) => `users:\n- name: calico\n  user:\n    token: "${token}"\n`;

describe('the kubeconfig', () => {
  test('gets a new token at the start', () => {
    expect(chooseKubeconfig(file(OURS), undefined, now)).toEqual({ do: 'request' });
  });

  test.each([
    ['as it was', file(OURS)],
    ['gone', ''],
    ['something else', 'x'],
    ['with an older token', file(jwt(900, 5_000))],
    ['with a token of another account', file(jwt(1_100, 5_000, 'system:serviceaccount:x:y'))],
    ['with a token that has expired', file(jwt(1_000, 1_001))],
  ])('that is %s keeps or gets back the held token, until half of its life is over', (_, text) => {
    expect(chooseKubeconfig(text, held, later(299))).toEqual({ do: 'write', credentials: held });
    expect(chooseKubeconfig(text, held, later(300))).toEqual({ do: 'request' });
  });

  test('that another program has given a newer token stays, until half of that one’s life is over', () => {
    const theirs = jwt(1_100, 1_700);
    const first = chooseKubeconfig(file(theirs), held, later(110));
    expect(first).toMatchObject({ do: 'leave', credentials: { token: theirs, isTheirs: true } });
    const credentials = first.do === 'request' ? held : first.credentials;
    expect(chooseKubeconfig(file(theirs), credentials, later(399))).toEqual({ do: 'leave', credentials });
    expect(chooseKubeconfig('', credentials, later(399))).toEqual({ do: 'write', credentials });
    expect(chooseKubeconfig(file(theirs), credentials, later(400))).toEqual({ do: 'request' });
  });

  test('with a token that does not expire is never renewed', () => {
    const forever = issued('opaque', now, 0);
    expect(chooseKubeconfig(file('opaque'), forever, later(1e9))).toEqual({ do: 'write', credentials: forever });
  });
});

describe('when no new token is to be had', () => {
  test('the held one is used until it expires', () => {
    expect(withoutNewToken('', held, later(599))).toEqual({ do: 'write', credentials: held });
    expect(withoutNewToken(file(OURS), held, later(600))).toBeUndefined();
  });

  test('at the start, the node’s is used', () => {
    expect(withoutNewToken(file(OURS), undefined, later(599))).toMatchObject({
      do: 'leave',
      credentials: { token: OURS },
    });
    expect(withoutNewToken(file(OURS), undefined, later(600))).toBeUndefined();
    expect(withoutNewToken('', undefined, now)).toBeUndefined();
    expect(withoutNewToken(file('opaque'), undefined, now)).toBeUndefined();
  });
});
