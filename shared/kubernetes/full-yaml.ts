/** The YAML library: a module of its own, so that no call pays for it that does without. */
export { parse } from 'yaml';
