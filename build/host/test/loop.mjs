import { directory, equal, shell, test, throws, utf8 } from './check.mjs';

const host = calicoHost;

/** The output and status of a program of its own. */
export function program(source, { before = '', after = '', args = '' } = {}) {
  const file = `${directory()}/p.mjs`;
  const fd = host.open(file, 0o101, 0o600);
  host.write(fd, utf8(`const h = calicoHost; const say = (t) => h.write(1, h.encodeUtf8(t + ' '));\n${source}`));
  host.close(fd);
  const { stdout, stderr, status, signal } = shell(`${before}\n$HOST run ${file} ${args} ${after}`);
  return { stdout: stdout.trim(), stderr: stderr.trim(), status, signal };
}

test('timers come in the order of their time, then of setting', async () => {
  const order = [];
  await new Promise((done) => {
    host.timer(30, done);
    host.timer(10, () => order.push('b'));
    host.timer(10, () => order.push('c'));
    host.timer(0, () => order.push('a'));
    const cleared = host.timer(5, () => order.push('never'));
    host.clearTimer(cleared);
    host.clearTimer(cleared);
    host.clearTimer(4_000_000_000);
  });
  equal(order, ['a', 'b', 'c']);
});

test('timers set for now do not keep immediates waiting', async () => {
  let turns = 0;
  let over = false;
  const again = () => {
    turns += 1;
    if (!over) host.timer(0, again);
  };
  again();
  await new Promise((done) => host.immediate(() => host.immediate(done)));
  over = true;
  equal(turns < 10, true);
});

test('promises go on after each callback', async () => {
  const order = [];
  await new Promise((done) => {
    host.immediate(() => {
      order.push(1);
      Promise.resolve().then(() => order.push(2));
    });
    host.immediate(() => {
      order.push(3);
      done();
    });
  });
  equal(order, [1, 2, 3]);
});

test('a program without anything to wait for is idle, then ends with 70', () => {
  equal(program('say("a")'), { stdout: 'a', stderr: '', status: 70 });
  equal(program('h.onIdle(() => say("idle"))').stdout, 'idle');
  equal(program('h.onIdle(() => h.exit(3))').status, 3);
  equal(program('let n = 0; h.onIdle(() => { if (n++ < 2) h.timer(1, () => say(n)); })').stdout, '1 2');
  equal(program('await new Promise(() => {})').status, 70);
  equal(program('h.onSignal("SIGHUP", () => {}); h.timer(1, () => say("t"))').stdout, 't');
});

test('an uncaught error goes to the handler, or to standard error with 70', () => {
  const shown = program('h.timer(1, () => { throw new Error("mine") })');
  equal([shown.stderr.split('\n')[0], shown.status], ['Error: mine', 70]);
  equal(program('throw 1').stderr, '1');
  equal(program('Promise.reject(new Error("r"))').stderr.split('\n')[0], 'Error: r');
  equal(program('h.onUncaught((e) => { say(e.message); h.exit(4) }); Promise.reject(new Error("r"))'), { stdout: 'r', stderr: '', status: 4 });
  equal(program('h.onUncaught((e) => say(e)); h.timer(1, () => { throw 1 }); h.timer(2, () => { throw 2 })').stdout, '1 2');
  equal(program('h.onUncaught((e) => { throw "again" }); throw 1').stderr, 'again');
  equal(program('h.onUncaught(say); const p = Promise.reject(1); p.catch(() => say("ok"))').stdout, 'ok');
  equal(program('throw { toString() { throw 1 } }').status, 70);
  equal(program('throw Symbol("x")').status, 70);
});

test('a broken or missing module is an uncaught error with its position', () => {
  equal(/SyntaxError.*\n.*p\.mjs:2:/.test(program('let 1;').stderr), true);
  const missing = program('import "./none.mjs"');
  equal([missing.stderr.includes('cannot load the module'), missing.status], [true, 70]);
  equal(program('try { await import("./none.mjs") } catch (e) { say(e.code) }').stdout, 'ERR_MODULE_NOT_FOUND');
});

test('signals call back', () => {
  const source = 'for (const s of ["SIGTERM", "SIGHUP"]) h.onSignal(s, () => say(s)); h.kill(h.pid, 15); h.kill(h.pid, 1); h.timer(50, () => h.exit(0))';
  equal(program(source).stdout.split(' ').sort(), ['SIGHUP', 'SIGTERM']);
  equal(program('h.kill(h.pid, 15); h.timer(5000, () => {})').status, 143);
  throws(() => host.onSignal('SIGKILL', () => {}), { name: 'TypeError' });
});

test('sleep and the clocks', () => {
  const begun = host.elapsed();
  host.sleep(20);
  equal(host.elapsed() - begun >= 20, true);
  equal(Math.abs(Number(host.now() / 1_000_000n) - Date.now()) < 1000, true);
  throws(() => host.sleep(-1), { name: 'TypeError' });
});
