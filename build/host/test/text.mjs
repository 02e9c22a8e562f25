import { bytes, equal, test, throws, utf8 } from './check.mjs';

const host = calicoHost;

test('UTF-8 goes both ways', () => {
  for (const text of ['', 'a', 'é', '€', '😀', 'a\0b', '\uFEFFbom']) equal(host.decodeUtf8(utf8(text)), text);
});

test('a lone surrogate is encoded as U+FFFD', () => {
  equal(utf8('a\uD800b'), bytes(97, 0xef, 0xbf, 0xbd, 98));
  equal(utf8('\uDFFF'), bytes(0xef, 0xbf, 0xbd));
  equal(utf8('\uDE00\uD83D'), bytes(0xef, 0xbf, 0xbd, 0xef, 0xbf, 0xbd));
  equal(utf8('é\uD800'), bytes(0xc3, 0xa9, 0xef, 0xbf, 0xbd));
});

test('bytes that are not UTF-8 are decoded as U+FFFD, or refused', () => {
  equal(host.decodeUtf8(bytes(97, 0xff, 98)), 'a\uFFFDb');
  equal(host.decodeUtf8(bytes(0xe2, 0x82)), '\uFFFD');
  equal(host.decodeUtf8(bytes(0xed, 0xa0, 0x80)), '\uFFFD\uFFFD\uFFFD');
  throws(() => host.decodeUtf8(bytes(97, 0xff), true), { name: 'TypeError' });
  equal(host.decodeUtf8(bytes(97), true), 'a');
});

test('Latin-1 is one character for each byte', () => {
  equal(host.decodeLatin1(bytes(0, 97, 0x80, 0xff)), '\0a\x80\xff');
  equal(host.decodeLatin1(bytes()), '');
});

test('base64 and hex', () => {
  equal(host.encodeBase64(bytes(0xfb, 0xff)), '+/8=');
  equal(host.decodeBase64('-_8'), bytes(0xfb, 0xff));
  equal(host.decodeBase64('YW\uD800Jj'), bytes(97, 98, 99));
  equal(host.encodeHex(bytes(0, 0xa5, 255)), '00a5ff');
});

test('hashes', () => {
  const hex = (algorithm, text) => host.encodeHex(host.hash(algorithm, utf8(text)));
  equal(hex('sha1', 'abc'), 'a9993e364706816aba3e25717850c26c9cd0d89d');
  equal(hex('sha256', 'abc'), 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  equal(hex('sha512', '').slice(0, 16), 'cf83e1357eefb8bd');
  equal(hex('sha3-256', 'abc'), '3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532');
  throws(() => host.hash('md5', bytes()), { name: 'TypeError' });
  const fd = host.open('/proc/self/exe', 0, 0);
  equal(host.encodeHex(host.hashFile('sha256', fd)).length, 64);
  equal(host.encodeHex(host.hashFile('sha256', fd)), hex('sha256', ''));
  host.close(fd);
  throws(() => host.hashFile('sha256', fd), { code: 'EBADF' });
});

test('passwords are compared with bcrypt hashes', () => {
  // Of PHP's manual, of OpenBSD's tests, and of crypt(3).
  const known = [
    ['rasmuslerdorf', '$2y$10$.vGA1O9wmRjrwAVXD98HNOgsNpDczlqm3Jq7KnEd1rVAGv3Fykk1a'],
    ['', '$2a$06$DCq7YPn5Rq63x1Lad4cll.TV4S6ytwfsfvkgY8jIucDrjc8deX1s.'],
    ['secret', '$2b$10$CwTycUXWue0Thq9StjUM0uAVljZGU0cQRVBKsahq/SyP8puNXInA6'],
  ];
  for (const [password, hash] of known) {
    equal(host.passwordMatches(password, hash), true);
    equal(host.passwordMatches(`${password}x`, hash), false);
  }
  for (const hash of ['', 'x', known[0][1].slice(1), known[0][1].replace('$10$', '$99$'), 'é'.repeat(30)])
    throws(() => host.passwordMatches('a', hash), { code: 'BAD_HASH' });
});

test('views with offsets are taken where they lie', () => {
  const whole = bytes(1, 2, 97, 98, 99, 3);
  equal(host.decodeUtf8(whole.subarray(2, 5)), 'abc');
  equal(host.encodeHex(whole.subarray(6)), '');
});

test('a megabyte of text goes both ways', () => {
  const text = 'aé€😀'.repeat(100_000);
  equal(host.decodeUtf8(utf8(text)) === text, true);
});
