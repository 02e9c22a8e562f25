// Certificates and servers for the tests of the network, made once.

import { shell, text } from '../check.mjs';

const host = calicoHost;
export const HERE = host.argv[0].replace(/[^/]*$/, '') || './';

export const folder = `/tmp/calico-host-network-${host.pid}`;
host.mkdir(folder, 0o700);

export function readFile(path) {
  const fd = host.open(path, 0, 0);
  const parts = [];
  for (const piece = new Uint8Array(1 << 20); ; ) {
    const count = host.read(fd, piece);
    if (count === 0) break;
    parts.push(text(piece.slice(0, count)));
  }
  host.close(fd);
  return parts.join('');
}

/** A file of the folder. */
export const pem = (name) => readFile(`${folder}/${name}`);

export const pair = (name) => ({ cert: pem(`${name}.pem`), key: pem(`${name}.key`) });

/** Runs Node until the end of the tests. */
export function node(program, ...args) {
  const child = host.start('/usr/bin/env', ['node', `${HERE}network/${program}`, ...args]);
  children.push(child);
  return child;
}

const children = [];

export function stop() {
  for (const child of children) child.kill(9);
  shell(`rm -r ${folder}`);
}

function serve() {
  const { stderr, status } = shell(`sh ${HERE}network/certificates.sh ${folder}`, { timeout: 300_000 });
  if (status !== 0) throw new Error(`no certificates: ${stderr}`);
  node('servers.mjs', folder);
  for (let tries = 0; !host.exists(`${folder}/ports.json`); tries++) {
    if (tries > 6000) throw new Error('the servers do not start');
    host.sleep(10);
  }
  return JSON.parse(pem('ports.json'));
}

export const ports = serve();

/** Everything that happens to a connection, until it ends or `until` is seen, as one line of text each. */
export function story(to, tls, { send = '', until = 'end', act = () => {} } = {}) {
  return new Promise((resolve) => {
    const told = [];
    let connection;
    const timer = host.timer(5000, () => tell('silence'));
    const tell = (line) => {
      told.push(line);
      act(line, connection);
      if (!line.startsWith(until) && !/^(?:end|silence)/.test(line)) return;
      host.clearTimer(timer);
      connection?.destroy();
      resolve(told);
    };
    connection = host.connect(to, tls, {
      open: ({ protocol }) => {
        if (send !== '') connection.write(host.encodeUtf8(send));
        tell(`open ${protocol}`);
      },
      data: (bytes) => tell(`data ${bytes.length < 20 ? text(bytes) : bytes.length}`),
      end: (error) => tell(error === undefined ? 'end' : `end ${error.code} | ${error.message}`),
    });
  });
}

export const local = (name) => ({ address: '127.0.0.1', port: ports[name] });
