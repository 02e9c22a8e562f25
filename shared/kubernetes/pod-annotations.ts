import { failure } from '../error/failure.ts';
import { parseAddress } from '../net/address.ts';
import { parseCidr } from '../net/cidr.ts';
import { parseTexts } from './json-list.ts';

type Notes = Readonly<Record<string, string>>;

/** The prefix of Calico's annotations on pods. */
export const POD_PREFIX = 'cni.projectcalico.org/';

/** The networks that a pod may send from in addition to its own addresses, host bits cleared. Throws a Failure. */
export function spoofedPrefixes(annotations: Notes): readonly string[] {
  const value = annotations[`${POD_PREFIX}allowedSourcePrefixes`] ?? '';
  return (value === '' ? [] : parseTexts(value)).map((text) => {
    const cidr = parseCidr(text);
    if (cidr !== undefined) return cidr.text;
    throw failure(
      `failed to parse '${text}' as a CIDR: invalid CIDR address: ${text}`,
      `${POD_PREFIX}allowedSourcePrefixes`,
    );
  });
}

/** The pod's floating addresses, in canonical form. Throws a Failure. */
export function floatingIPs(annotations: Notes): readonly string[] {
  const value = annotations[`${POD_PREFIX}floatingIPs`] ?? '';
  return (value === '' ? [] : parseTexts(value)).map((text) => {
    const address = parseAddress(text);
    if (address === undefined) throw failure(`invalid IP format: ${text}`, `${POD_PREFIX}floatingIPs`);
    return address.text;
  });
}
