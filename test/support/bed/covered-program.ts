import type { Bed } from './bed.ts';

/** Lays a file with this text over a program, on the bed's machine alone: a script, or, without text, nothing that could run. */
export async function cover(bed: Bed, program: string, text: string): Promise<void> {
  const script =
    'file=$(mktemp /run/calico-test/XXXXXX); printf %s "$2" >"$file"; test -z "$2" || chmod 755 "$file"; ' +
    'mount --bind "$file" "$(readlink -f "$(command -v "$1")")"';
  await bed.host.must('sh', ['-ec', script, 'sh', program, text]);
}

/** Takes the file away again. */
export async function uncover(bed: Bed, program: string): Promise<void> {
  const script = `umount "$(grep -o " [^ ]*/$1 " /proc/self/mounts | tail -1 | tr -d ' ')"`;
  await bed.host.must('sh', ['-ec', script, 'sh', program]);
}
