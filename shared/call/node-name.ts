import type { NetConf } from '../cni/netconf.ts';
import { failure } from '../error/failure.ts';
import { exists, readText } from '../system/files.ts';

/** This node's name: configured, else from the nodename file (trimmed), else `hostname`, else the operating system's. */
export function nodeName(conf: NetConf): string {
  const name = conf.nodename || fileContent(conf.nodenameFile) || conf.hostname || osHostname();
  if (name === '') throw failure('cannot tell the name of this node', 'set nodename in the network configuration');
  return name;
}

/** A small file's content, trimmed; '' when there is none. Any other failure names the file. */
export function fileContent(path: string): string {
  // Absence is the rule, and an exception costs more than the look.
  if (!exists(path)) return '';
  try {
    return readText(path).trim();
  } catch (error) {
    throw failure(`cannot read ${path}: ${error instanceof Error ? error.message : error}`, undefined, error);
  }
}

/** The kernel's own name of the host, as the original spells it: lower case, trimmed. */
function osHostname(): string {
  return fileContent('/proc/sys/kernel/hostname').toLowerCase();
}
