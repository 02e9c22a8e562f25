// What happens when the engine or the host itself cannot go on.

import { equal, native, test } from './check.mjs';
import { program } from './loop.mjs';

const LAST = 'h.setLastWords("last words", 9);';

test('too deep a recursion is an exception, at any stack limit', () => {
  const source = 'const f = () => 1 + f(); try { f() } catch (e) { say(e.name) } h.exit(0)';
  for (const kilobytes of [64, 200, 1024, 8192, 'unlimited'])
    equal(program(source, { before: `ulimit -s ${kilobytes}` }).stdout, 'RangeError');
});

test('other deep things are exceptions too', () => {
  const nested = 'JSON.parse("[".repeat(2e5) + "]".repeat(2e5))';
  const regexp = 'new RegExp("(".repeat(1e5) + ")".repeat(1e5))';
  const cycle = 'let a = []; for (let i = 0; i < 2e5; i++) a = [a]; JSON.stringify(a)';
  for (const body of [nested, regexp, cycle, 'new Function("(".repeat(1e5))']) {
    for (const kilobytes of [256, 8192])
      equal(program(`try { ${body} } catch (e) { say(e instanceof Error) } h.exit(0)`, { before: `ulimit -s ${kilobytes}` }).stdout, 'true');
  }
});

native('out of memory is an exception', () => {
  const source = 'const all = []; try { for (;;) all.push(new Uint8Array(1 << 20)) } catch (e) { all.length = 0; say(e.message) } h.exit(0)';
  equal(program(source, { before: 'ulimit -v 65536' }).stdout, 'out of memory');
  const strings = 'let t = "x"; try { for (;;) t += t + "y" } catch (e) { t = ""; say(e instanceof Error) } h.exit(0)';
  equal(program(strings, { before: 'ulimit -v 65536' }).stdout, 'true');
});

native('small objects that use up the memory end in an exception or in the last words', () => {
  const source = `${LAST} let l; try { for (;;) l = { l } } catch (e) { l = undefined; say(e.message) } h.exit(0)`;
  const { stdout } = program(source, { before: 'ulimit -v 65536' });
  equal(['out of memory', 'last words'].includes(stdout), true);
});

native('memory that the host itself cannot get ends with the last words', () => {
  const source = `${LAST} const b = new Uint8Array(24 << 20); h.encodeHex(b); say('alive')`;
  const { stdout, status } = program(source, { before: 'ulimit -v 65536' });
  equal([stdout, status], ['last words', 9]);
});

test('faults of native code end with the last words', () => {
  for (const signal of [11, 7, 4, 8, 6])
    equal(program(`${LAST} h.kill(h.pid, ${signal}); h.sleep(1000)`), { stdout: 'last words', stderr: '', status: 9 });
  equal(program('h.kill(h.pid, 11)'), { stdout: '', stderr: '', status: 70 });
  equal(program(`${LAST} h.setLastWords("", 3); h.kill(h.pid, 11)`), { stdout: '', stderr: '', status: 3 });
});

test('last words wait for a slow reader', () => {
  const source = 'h.setLastWords("x".repeat(200000), 9); h.kill(h.pid, 11)';
  equal(program(source, { after: '| (sleep 0.2; wc -c)' }).stdout, '200000');
});

native('garbage in cycles is collected', () => {
  const source = 'for (let i = 0; i < 3e5; i++) { const a = { d: new Array(50).fill(i) }; a.a = a; } say("done"); h.exit(0)';
  equal(program(source, { before: 'ulimit -v 65536' }).stdout, 'done');
});
