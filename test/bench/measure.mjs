/** Runs a program under the native host, and prints what it costs. In and out: JSON. */
const host = calicoHost;

const text = [];
const buffer = new Uint8Array(1 << 16);
for (let length = host.read(0, buffer); length > 0; length = host.read(0, buffer))
  text.push(...buffer.subarray(0, length));
const { program, args, env, input } = JSON.parse(host.decodeUtf8(new Uint8Array(text)));

const began = host.elapsed();
const ran = host.run(program, args, { env, input: host.encodeUtf8(input), timeout: 120_000, maxOutput: 1 << 24 });
const millis = host.elapsed() - began;
const [stdout, stderr] = [ran.stdout, ran.stderr].map((bytes) => host.decodeUtf8(bytes));
const outcome = { exit: ran.status ?? ran.signal ?? ran.errno, millis, cpu: ran.cpu, stdout, stderr };
host.write(1, host.encodeUtf8(JSON.stringify(outcome)));
host.exit(0);
