/** The folder of a node's journal. */
export const JOURNAL = '/var/lib/calico/cni-journal';

/** What may be in the journal without being an entry, and a shell command that puts it there; `$1` is the path. */
export const HOSTILE_ENTRIES = [
  { what: 'a pipe without a writer', make: 'mkfifo "$1"' },
  { what: 'a device', make: 'mknod "$1" c 1 5' },
  { what: 'a link to a device', make: 'ln -s /dev/zero "$1"' },
  { what: 'a link to nowhere', make: 'ln -s /nowhere "$1"' },
  { what: 'a folder', make: 'mkdir "$1"' },
  { what: 'a file of a gigabyte', make: 'truncate -s 1G "$1"' },
  { what: 'null', make: 'echo null >"$1"' },
  { what: 'a list', make: 'echo "[]" >"$1"' },
  { what: 'an entry without anything', make: 'echo "{}" >"$1"' },
  { what: 'an entry of wrong types', make: `echo '{"network":1,"containerID":[],"node":{},"handleIDs":"x"}' >"$1"` },
  { what: 'nothing', make: ': >"$1"' },
] as const;
