/** The YAML library, in its own module so that only calls that need it load it. */
export { parse } from 'yaml';
