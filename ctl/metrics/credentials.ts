import { platform } from '#platform';
import { sha256 } from '../../shared/bytes/hash.ts';
import { fromUtf8 } from '../../shared/bytes/text.ts';

/** Judges the users of requests. */
export interface UserGuard {
  /** Whether the header `Authorization` names a user with the right password. */
  admits(authorization: string | undefined): boolean;
}

/** What a name that nobody has is compared with, so that it takes as long as one that somebody has. */
const NOBODY = '$2b$10$CwTycUXWue0Thq9StjUM0uGAPS7UozKic8WKZt.EuyeNqkR/GXSUO';

/** Verdicts that are remembered: a comparison takes a twentieth of a second on purpose. */
const MOST_VERDICTS = 100;

/** Users by name, with the bcrypt hashes of their passwords; without any, everybody is admitted. */
export function guardOf(users: Readonly<Record<string, string>>, matches = platform.passwordMatches): UserGuard {
  const verdicts = new Map<string, boolean>();
  const judge = (name: string, password: string): boolean => {
    const hash = Object.hasOwn(users, name) ? users[name] : undefined;
    const right = matches(password, hash ?? NOBODY);
    return hash !== undefined && right;
  };
  return {
    admits(authorization) {
      if (Object.keys(users).length === 0) return true;
      const [name, password] = credentialsIn(authorization) ?? [];
      if (name === undefined || password === undefined) return false;
      const key = sha256(`${name}\0${password}`);
      const verdict = verdicts.get(key) ?? judge(name, password);
      if (verdicts.size >= MOST_VERDICTS) verdicts.clear();
      verdicts.set(key, verdict);
      return verdict;
    },
  };
}

/** The name and password of basic authentication (RFC 7617). */
function credentialsIn(authorization = ''): readonly [string, string] | undefined {
  const [scheme = '', encoded = ''] = authorization.split(' ');
  if (scheme.toLowerCase() !== 'basic') return undefined;
  const text = fromUtf8(platform.decodeBase64(encoded));
  const colon = text.indexOf(':');
  return colon === -1 ? undefined : [text.slice(0, colon), text.slice(colon + 1)];
}
