import { type Failure, failure } from '../../shared/error/failure.ts';
import type { Identity } from './identity.ts';

/** The error of an ADD without addresses, with Calico's text for each orchestrator. */
export function noAddresses({ orchestrator }: Identity, details: string): Failure {
  const what = orchestrator === 'k8s' ? 'missing IP config' : 'no IP addresses in result';
  return failure(`IPAM plugin returned ${what}`, details);
}
