import { closeFile, Open, openFile, readInto } from '../../shared/system/files.ts';

const PART = 256 << 10;

/**
 * Reads a file, so that its pages are in memory: the plugin's first call after they were evicted takes many times as long. They
 * are still the kernel's to take back when memory is short.
 */
export function warmPages(path: string): void {
  const part = new Uint8Array(PART);
  try {
    const fd = openFile(path, Open.read | Open.neverWait);
    try {
      while (readInto(fd, part) > 0);
    } finally {
      closeFile(fd);
    }
  } catch {
    // What is missing or cannot be read is for the next pass to say.
  }
}
