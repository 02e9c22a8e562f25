import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** How many echoes were asked for and not answered. */
export interface PingCount {
  readonly sent: number;
  readonly lost: number;
  /** The most that were lost one after another. */
  readonly longestGap: number;
  /** What the kernel refused to send, e.g. `Message too long`, and how often. */
  readonly refused: Readonly<Record<string, number>>;
}

/** Echoes that go on until they are stopped. */
export interface Ping {
  /** Resolves at the first answer. */
  readonly answered: Promise<void>;
  /** Waits for answers that are on their way. */
  stop(): Promise<PingCount>;
}

export interface PingOptions {
  /** Bytes of the whole IP packet. */
  readonly size?: number;
  /** Milliseconds between two. */
  readonly every?: number;
  /** Ends after so many. */
  readonly count?: number;
}

/**
 * Sends echoes that must not be fragmented, and counts by number which were answered. In Perl, which every Debian has: no ping
 * says which were lost. Ends at the end of its standard input, and a second later.
 */
const PING = `
use Socket qw(:DEFAULT AF_INET6 pack_sockaddr_in6 inet_pton);
my ($to, $size, $every, $count) = @ARGV;
my $v6 = $to =~ /:/;
socket my $s, $v6 ? AF_INET6 : AF_INET, SOCK_RAW, $v6 ? 58 : 1 or die "socket: $!";
setsockopt $s, $v6 ? 41 : 0, $v6 ? 23 : 10, pack 'i', 2;
setsockopt $s, 41, 62, pack 'i', 1 if $v6;
my $name = $v6 ? pack_sockaddr_in6(0, inet_pton(AF_INET6, $to)) : pack_sockaddr_in(0, inet_aton($to));
my ($ask, $reply, $header) = $v6 ? (128, 129, 48) : (8, 0, 28);
my ($id, $sent, $got, %open, %refused, @lost) = ($$ & 0xffff, 0, 0);
$| = 1;
sub sum { my $n = 0; $n += $_ for unpack 'n*', $_[0] . (length($_[0]) % 2 ? "\\0" : ''); $n = ($n & 0xffff) + ($n >> 16) while $n >> 16; ~$n & 0xffff }
sub echo { my ($seq, $sum) = @_; pack('CCnnn', $ask, 0, $sum, $id, $seq & 0xffff) . "\\0" x ($size - $header) }
sub take {
  my $left = shift;
  my $leash = shift;
  while ($left > 0) {
    my $in = ''; vec($in, fileno $s, 1) = 1; vec($in, 0, 1) = 1 if $leash;
    (my $n, $left) = select $in, undef, undef, $left;
    return 0 if $leash && vec($in, 0, 1) && !sysread STDIN, my $rest, 99;
    next unless $n > 0 && vec $in, fileno $s, 1;
    recv $s, my $packet, 65536, 0 // next;
    $packet = substr $packet, 4 * (ord($packet) & 15) unless $v6;
    my ($type, undef, undef, $its, $seq) = unpack 'CCnnn', $packet;
    next unless $type == $reply && $its == $id && delete $open{$seq};
    print "answered\\n" unless $got++;
    return 1 if !$leash && !%open;
  }
  1;
}
for (;;) {
  my $seq = $sent++;
  $open{$seq & 0xffff} = 1;
  send $s, echo($seq, $v6 ? 0 : sum(echo($seq, 0))), 0, $name or $refused{$!}++;
  last if $count && $sent >= $count || !take($every, 1);
}
take(1, 0);
my ($gap, $longest) = (0, 0);
for (0 .. $sent - 1) { $gap = $open{$_ & 0xffff} ? $gap + 1 : 0; $longest = $gap if $gap > $longest }
my $refused = join ',', map { qq("$_":$refused{$_}) } keys %refused;
printf qq({"sent":%d,"lost":%d,"longestGap":%d,"refused":{%s}}\\n), $sent, scalar keys %open, $longest, $refused;`;

function launch(enter: readonly string[], to: string, { size = 84, every = 50, count = 0 }: PingOptions) {
  const [program = '', ...args] = enter;
  const words = [...args, '/usr/bin/perl', '-e', PING, to, `${size}`, `${every / 1000}`, `${count}`];
  const child = spawn(program, words, { stdio: ['pipe', 'pipe', 'inherit'] });
  let said = '';
  const answered = new Promise<void>((resolve) => {
    child.stdout.on('data', (part) => {
      said += part;
      if (said.startsWith('answered\n')) resolve();
    });
  });
  const ended = once(child.stdout, 'end');
  return {
    answered,
    end: () => child.stdin.end(),
    counted: async (): Promise<PingCount> => {
      await ended;
      return JSON.parse(said.slice(said.indexOf('{')));
    },
  };
}

/** Starts to ping from where `enter` leads to. It ends with the test process at the latest. */
export function startPing(enter: readonly string[], to: string, options: PingOptions = {}): Ping {
  const { answered, end, counted } = launch(enter, to, options);
  return {
    answered,
    stop: () => {
      end();
      return counted();
    },
  };
}

/** The count of a few echoes. */
export async function pingCount(enter: readonly string[], to: string, options: PingOptions = {}): Promise<PingCount> {
  const { end, counted } = launch(enter, to, { every: 20, count: 5, ...options });
  const count = await counted();
  end();
  return count;
}
