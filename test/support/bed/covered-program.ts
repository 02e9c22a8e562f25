import type { Bed } from './bed.ts';

/** Mounts a file over a program, on the bed's machine only: a script with this text, or, without text, something that cannot run. */
export async function cover(bed: Bed, program: string, text: string): Promise<void> {
  const script =
    'file=$(mktemp /run/calico-test/XXXXXX); printf %s "$2" >"$file"; test -z "$2" || chmod 755 "$file"; ' +
    'mount --bind "$file" "$(readlink -f "$(command -v "$1")")"';
  await bed.host.must('sh', ['-ec', script, 'sh', program, text]);
}

/** Removes the mount. */
export async function uncover(bed: Bed, program: string): Promise<void> {
  const script = `umount "$(grep -o " [^ ]*/$1 " /proc/self/mounts | tail -1 | tr -d ' ')"`;
  await bed.host.must('sh', ['-ec', script, 'sh', program]);
}
