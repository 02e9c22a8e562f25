import { platform } from '#platform';
import { fromUtf8 } from '../bytes/text.ts';
import type { NetConf } from '../cni/netconf.ts';
import { failure } from '../error/failure.ts';
import { errnoText } from '../system/errno.ts';
import { closeFile, exists, Open, openFile, readRest, statusOf } from '../system/files.ts';

/** This node's name: from the configuration, else the nodename file (trimmed), else `hostname`, else the operating system. */
export function nodeName(conf: NetConf): string {
  const name = conf.nodename || fileContent(conf.nodenameFile) || conf.hostname || hostName();
  if (name === '') throw failure('cannot determine the name of this node', 'set nodename in the network configuration');
  return name;
}

/** A small file's content, trimmed; '' when it does not exist. Any other error names the file. */
export function fileContent(path: string): string {
  // Usually it does not exist, and an exception costs more than looking first.
  if (!exists(path)) return '';
  try {
    return regularText(path).trim();
  } catch (error) {
    throw failure(`cannot read ${path}: ${errnoText(error)}`, undefined, error);
  }
}

/** A FIFO would never be read to its end, nor some devices. The size says nothing below /proc. */
function regularText(path: string): string {
  const fd = openFile(path, Open.read | Open.neverWait);
  try {
    if (statusOf(fd)?.isFile !== true) throw new Error('not a regular file');
    return fromUtf8(readRest(fd));
  } finally {
    closeFile(fd);
  }
}

/** The kernel's host name, as the original spells it: lower case, trimmed. */
export const hostName = (): string => platform.hostname().trim().toLowerCase();
