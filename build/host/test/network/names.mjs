// Names, asked of name servers in a network and mount namespace of their own.

import { equal, shell, test } from '../check.mjs';
import { folder, HERE, readFile } from './stage.mjs';

const host = calicoHost;

/** The answers for names on a host with these files, with the milliseconds they took, and what the servers were asked. */
function ask(resolvConf, names, { hosts = '127.0.0.1 localhost\n', call = 'lookup', limit = 3000, setUp = '' } = {}) {
  const at = `${folder}/names`;
  const source = `const h = calicoHost; const answers = [];
    for (const name of ${JSON.stringify(names)}) {
      const begun = h.elapsed();
      let returned = false;
      answers.push(await new Promise((done) => {
        h.${call}(name, ${limit}, (error, found) => done([
          error === undefined ? found.map((one) => one.name === undefined ? one : [one.name, one.port, one.priority, one.weight].join(' ')).join() : error.message,
          Math.round(h.elapsed() - begun), error?.code, returned]));
        returned = true;
      }));
    }
    h.write(1, h.encodeUtf8(JSON.stringify(answers))); h.exit(0);`;
  write(`${at}.mjs`, source);
  write(`${at}.resolv`, resolvConf);
  write(`${at}.hosts`, hosts);
  const script = `rm -f ${at}.log ${at}.ready; touch ${at}.log; ip link set lo up; mount --bind ${at}.resolv /etc/resolv.conf; mount --bind ${at}.hosts /etc/hosts
    ${setUp}
    node ${HERE}network/name-servers.mjs ${at}.log ${at}.ready & server=$!
    while [ ! -e ${at}.ready ]; do sleep 0.02; done
    $HOST run ${at}.mjs; status=$?; kill $server; exit $status`;
  const { stdout, stderr, status } = shell(`unshare -nmu sh -c '${script}'`);
  if (status !== 0) throw new Error(`${status} ${stdout} ${stderr}`);
  const answers = JSON.parse(stdout);
  equal(
    answers.every(([, , , returned]) => returned),
    true,
  );
  const asked = readFile(`${at}.log`).trim().split('\n');
  return { answers, found: answers.map(([found]) => found), codes: answers.map(([, , code]) => code), asked };
}

function write(path, content) {
  const fd = host.open(path, 0o1101, 0o644);
  host.write(fd, host.encodeUtf8(content));
  host.close(fd);
}

const ONE = 'nameserver 127.0.0.1\n';

test('addresses of both families are found, those without a route last', () => {
  const { found } = ask(ONE, ['both.example', 'four.example', 'six.example', 'alias.example', 'FOUR.Example.'], {
    setUp: 'ip addr add 10.0.0.9/24 dev lo',
  });
  equal(found, ['10.0.0.1,fd00::1', '10.0.0.4,10.0.0.5', 'fd00::6', '10.0.0.4', '10.0.0.4,10.0.0.5']);
  const { found: six } = ask(ONE, ['both.example'], { setUp: 'ip addr add fd00::9/64 dev lo' });
  equal(six, ['fd00::1,10.0.0.1']);
});

test('a name that does not exist, or has no addresses, is told at once', () => {
  const { answers, found } = ask(ONE, [
    'nowhere.example',
    'none.example',
    'other.example',
    'a..b',
    'ä',
    '',
    '.',
    'x'.repeat(64),
  ]);
  equal(found[0], 'getaddrinfo ENOTFOUND nowhere.example');
  equal(
    answers.map(([, , code]) => code),
    answers.map(() => 'ENOTFOUND'),
  );
  equal(
    answers.every(([, time]) => time < 200),
    true,
  );
});

test('addresses, local names and the hosts file need no server', () => {
  const hosts = '127.0.0.1 localhost\n10.9.9.9 both.example listed # x\n';
  const { found, asked } = ask(
    ONE,
    ['10.1.2.3', 'fd00::7', 'localhost', 'LOCALHOST.', 'a.localhost', 'Listed', 'both.example'],
    { hosts },
  );
  equal(found.slice(0, 4), ['10.1.2.3', 'fd00::7', '127.0.0.1', '127.0.0.1']);
  equal(found[4].split(',').sort(), ['127.0.0.1', '::1']);
  equal([found[5], found[6], asked], ['10.9.9.9', '10.9.9.9', ['']]);
  equal(ask('', ['localhost'], { hosts: '' }).found[0].includes('127.0.0.1'), true);
});

test('names are completed as resolv.conf wants it', () => {
  const conf = `${ONE}search search.test second.test\n`;
  const { found, asked } = ask(conf, ['web', 'web.', 'a.b', 'web.second.test']);
  equal(found, ['10.0.2.1', 'getaddrinfo ENOTFOUND web.', '10.0.2.4', '10.0.2.2']);
  equal(asked.includes('127.0.0.1 udp web.search.test A') && asked.includes('127.0.0.1 udp web A'), true);
  equal(ask(`${conf}options ndots:2\n`, ['a.b']).found, ['10.0.2.3']);
  equal(ask(ONE, ['web'], { setUp: 'hostname node1.second.test' }).found, ['10.0.2.2']);
});

test('an answer that does not fit is fetched over TCP', () => {
  const { found, asked } = ask(ONE, ['big.example', 'bigfail.example']);
  equal(found[0].split(',').length, 100);
  equal(found[1], 'getaddrinfo EAI_AGAIN bigfail.example');
  equal(asked.includes('127.0.0.1 tcp big.example A'), true);
  const direct = ask(`${ONE}options use-vc\n`, ['four.example']);
  equal([direct.found, direct.asked.some((line) => line.includes('udp'))], [['10.0.0.4,10.0.0.5'], false]);
});

test('the next server is asked when one is silent, fails or is not there', () => {
  for (const first of ['127.0.0.2', '127.0.0.3', '127.0.0.4']) {
    const { found } = ask(`nameserver ${first}\nnameserver 127.0.0.1\n`, ['four.example'], { limit: 2000 });
    equal([first, ...found], [first, '10.0.0.4,10.0.0.5']);
  }
  equal(ask('nameserver ::1\n', ['four.example']).found, ['10.0.0.4,10.0.0.5']);
  const turns = ask('nameserver 127.0.0.1\nnameserver ::1\noptions rotate\n', Array(20).fill('four.example'));
  equal(
    ['127.0.0.1', '::1'].every((server) => turns.asked.some((line) => line.startsWith(server))),
    true,
  );
});

test('the time is bounded when nobody answers, and short when nobody is there', () => {
  const silent = ask('nameserver 127.0.0.2\n', ['four.example'], { limit: 700 });
  equal([silent.codes, silent.answers[0][1] >= 650 && silent.answers[0][1] < 1200], [['EAI_AGAIN'], true]);
  equal(silent.asked.length > 2, true);
  const own = ask('nameserver 127.0.0.2\noptions timeout:1 attempts:1\n', ['four.example'], { limit: 9000 });
  equal([own.codes, own.answers[0][1] < 2000], [['EAI_AGAIN'], true]);
  const gone = ask('nameserver 127.0.0.4\n', ['four.example']);
  equal([gone.codes, gone.answers[0][1] < 300], [['EAI_AGAIN'], true]);
  const failing = ask('nameserver 127.0.0.3\nsearch a b\n', ['four.example']);
  equal([failing.codes, failing.answers[0][1] < 300], [['EAI_AGAIN'], true]);
  equal(ask(ONE, ['fails.example']).codes, ['EAI_AGAIN']);
});

test('a server that does not answer for one family delays little', () => {
  const { found, answers } = ask(ONE, ['half.example']);
  equal([found, answers[0][1] < 1500], [['10.0.0.7'], true]);
  const four = ask(`${ONE}options no-aaaa\n`, ['half.example']);
  equal([four.found, four.asked], [['10.0.0.7'], ['127.0.0.1 udp half.example A']]);
});

test('what others send is not believed', () => {
  equal(ask(`${ONE}options no-aaaa\n`, ['spoof.example']).found, ['10.0.0.8']);
  equal(ask(`${ONE}options no-aaaa\n`, ['endless.example']).codes, ['EAI_AGAIN']);
});

test('services are found, without those that cannot be used', () => {
  const { found, codes } = ask(
    `${ONE}search example\n`,
    ['_etcd-client._tcp.example', '_none._tcp.example', '_x._tcp.example', 'four.example', 'a..b'],
    { call: 'lookupSrv' },
  );
  equal(found[0], 'etcd-0.example 2379 1 2,etcd-1.example 2380 0 0');
  equal(codes.slice(1), ['ENODATA', 'ENOTFOUND', 'ENODATA', 'EBADNAME']);
  equal(found[2], 'querySrv ENOTFOUND _x._tcp.example');
  equal(ask('nameserver 127.0.0.2\n', ['_a._tcp.b'], { call: 'lookupSrv', limit: 400 }).found, [
    'querySrv ETIMEOUT _a._tcp.b',
  ]);
  equal(ask('nameserver 127.0.0.3\n', ['_a._tcp.b'], { call: 'lookupSrv' }).codes, ['ESERVFAIL']);
  equal(ask('nameserver 127.0.0.4\n', ['_a._tcp.b'], { call: 'lookupSrv' }).codes, ['ECONNREFUSED']);
});
