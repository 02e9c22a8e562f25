/**
 * Runs a program with its standard error on one end of a pair whose other end is not read, and ends as it does. In Perl, which
 * every Debian has: a shell makes neither sockets nor terminals. Arguments: pipe, socket or terminal; full or empty; the program.
 */
const UNREAD = `
use Fcntl; use Socket;
my ($kind, $state, @program) = @ARGV;
my ($reader, $writer);
if ($kind eq 'pipe') { pipe $reader, $writer or die $! }
elsif ($kind eq 'socket') { socketpair $reader, $writer, AF_UNIX, SOCK_STREAM, PF_UNSPEC or die $! }
else {
  sysopen $reader, '/dev/ptmx', O_RDWR | O_NOCTTY or die $!;
  my ($unlocked, $number) = (pack('i', 0), pack('i', 0));
  ioctl $reader, 0x40045431, $unlocked or die $!;
  ioctl $reader, 0x80045430, $number or die $!;
  sysopen $writer, '/dev/pts/' . unpack('i', $number), O_RDWR | O_NOCTTY or die $!;
}
if ($state eq 'full') {
  my $flags = fcntl $writer, F_GETFL, 0;
  fcntl $writer, F_SETFL, $flags | O_NONBLOCK;
  1 while syswrite $writer, 'x' x 1024;
  fcntl $writer, F_SETFL, $flags + 0;
}
open STDERR, '>&', $writer or die $!;
exit(system(@program) >> 8)`;

/** The words before a program whose standard error is not read. */
export const unreadStderr = (kind: 'pipe' | 'socket' | 'terminal', state: 'full' | 'empty'): readonly string[] => [
  '/usr/bin/perl',
  '-e',
  UNREAD,
  kind,
  state,
];
