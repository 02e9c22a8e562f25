// `calico-host run hostile.mjs SEED FROM TO SERVER`: calls every function of the host with hostile arguments, in an empty working
// directory, as somebody who may do no harm. Callbacks and getters call other functions, close and destroy. SERVER is the path of a
// unix socket that sends anything. The last line counts the calls. Only errors may come of it.

import { argumentsOf, FUNCTIONS } from './hostile/arguments.mjs';
import { drawOf, Hostile } from './hostile/values.mjs';

const host = calicoHost;
const [, seed, from, to, server] = host.argv;
const NAMES = Object.keys(host).filter((name) => typeof host[name] === 'function');
const CALLS = 20;

let calls = 0;
let depth = 0;
const held = { fds: [], timers: [], connections: [], started: [], listeners: [] };

if (host.euid() === 0) throw new Error('not as root: the calls change whatever they may');

const say = (fd, line) => host.write(fd, host.encodeUtf8(`${line}\n`));

function fail(what, error) {
  say(2, `${what}: ${error} ${error?.stack ?? ''}`);
  host.exit(1);
}

/** Functions throw errors: of the language, of the system with its code, or ours. */
function judge(name, error) {
  const isKnown = error instanceof Hostile || error instanceof TypeError || error instanceof RangeError || error instanceof SyntaxError;
  const isOfMemory = error instanceof Error && error.message === 'out of memory';
  if (!isKnown && !isOfMemory && !(error instanceof Error && typeof error.code === 'string')) fail(`${name} threw`, error);
}

function keep(name, result) {
  if ((name === 'open' || name === 'socket') && result > 2) held.fds.push(result);
  if (name === 'timer') held.timers.push(result);
  if (name === 'connect') held.connections.push(result);
  if (name === 'start') held.started.push(result);
  if (name === 'listen') held.listeners.push(result);
}

function call(name, world) {
  const given = argumentsOf(name, world);
  if (given === undefined) return;
  calls++;
  try {
    keep(name, host[name](...given));
  } catch (error) {
    judge(name, error);
  }
}

/** What callbacks and getters do: use what is being used, or call anything. */
function act(world) {
  return () => {
    if (depth > 2) return;
    depth++;
    try {
      const { draw } = world;
      const connection = draw.pick(held.connections);
      if (connection && draw.once(3)) connection.destroy();
      else if (connection && draw.once(3)) connection.write(new Uint8Array(draw.below(5000)));
      else if (connection && draw.once(3)) connection.unref();
      else if (connection && draw.once(3)) connection.finish();
      else if (draw.once(2)) call(draw.pick(NAMES), world);
      else if (draw.once(6)) throw new Hostile('in a callback');
      else if (held.started.length > 0) draw.pick(held.started).status();
    } catch (error) {
      judge('a method', error);
      if (error instanceof Hostile) throw error;
    } finally {
      depth--;
    }
  };
}

/** Somebody comes to a listener. */
function visit(listener) {
  const port = listener.port();
  if (port === 0) return;
  held.connections.push(host.connect({ address: '127.0.0.1', port }, undefined, { open() {}, data() {}, end() {} }));
}

function methods(world) {
  const { draw } = world;
  const [connection, child, listener] = [draw.pick(held.connections), draw.pick(held.started), draw.pick(held.listeners)];
  const uses = [
    () => connection?.write(draw.pick([new Uint8Array(9), 'a', undefined])),
    () => connection?.destroy(),
    () => connection?.write.call({}, new Uint8Array(1)),
    () => connection?.destroy.call(child),
    () => child?.status.call(connection),
    () => listener?.close(),
    () => listener?.port.call(connection),
    () => listener && visit(listener),
    () => child?.kill(draw.pick([0, 9, 99, -1, Number.NaN, '9'])),
  ];
  try {
    draw.pick(uses)();
  } catch (error) {
    judge('a method', error);
  }
}

function tidy() {
  for (const id of held.timers.splice(0)) host.clearTimer(id);
  for (const connection of held.connections.splice(0)) connection.destroy();
  for (const child of held.started.splice(0)) child.kill(9);
  for (const fd of held.fds.splice(0)) {
    try {
      host.close(fd);
    } catch {
      // Closed by a call.
    }
  }
}

function furnish() {
  for (const path of ['file', 'folder']) {
    if (host.exists(path)) continue;
    if (path === 'folder') host.mkdir(path, 0o700);
    else host.close(host.open(path, 0o101, 0o600));
  }
  for (const path of ['file', 'folder']) host.chmod(path, 0o700);
}

/** Which case runs, for the one who finds this process dead. */
function note(number) {
  try {
    const fd = host.open('case', 0o1101, 0o600);
    host.write(fd, host.encodeUtf8(String(number)));
    host.close(fd);
  } catch (error) {
    judge('note', error);
  }
}

/** So that calls find something to work on. Nothing waits: a socket says at once that it has nothing. */
const DESCRIPTORS = [
  () => host.open('/proc/self/status', 0, 0),
  () => host.open('/proc/self/ns/net', 0, 0),
  () => host.open('file', 2, 0),
  () => host.open('file', 0o2001, 0),
  () => host.socket(1, 2 | 0x800, 0),
  () => host.socket(16, 3 | 0x800, 0),
];

async function main() {
  for (const name of NAMES) if (!(name in FUNCTIONS)) fail(name, 'has no arguments here');
  host.onUncaught((error) => judge('uncaught', error));
  host.onIdle(() => fail('idle', 'nothing is left to wait for'));
  for (let number = Number(from); number < Number(to); number++) {
    note(number);
    const world = { draw: drawOf(Number(seed) * 1_000_003 + number), held, server };
    world.act = act(world);
    try {
      furnish();
    } catch (error) {
      judge('furnish', error);
    }
    for (const make of DESCRIPTORS) {
      try {
        held.fds.push(make());
      } catch (error) {
        judge('a descriptor', error);
      }
    }
    for (let count = 0; count < CALLS; count++) {
      call(world.draw.pick(NAMES), world);
      if (world.draw.once(4)) methods(world);
    }
    await new Promise((resolve) => host.timer(world.draw.below(3), resolve));
    tidy();
  }
  host.setLastWords('', 0);
  say(1, `${calls} calls`);
  host.exit(0);
}

main().catch((error) => fail('main', error));
