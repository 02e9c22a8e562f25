import { readAhead } from '../../shared/datastore/read-ahead.ts';
import type { Attachment } from '../dataplane/attachment.ts';
import { addReads, sharedProfile } from '../decide/add-plan.ts';
import { askKubernetes, type KubernetesAnswer, needsKubernetes } from '../kubernetes/ask.ts';
import type { Session } from './session.ts';

/** A session whose configuration is what Kubernetes makes of it, and the rest that Kubernetes says. */
export interface KubernetesGathered extends Omit<KubernetesAnswer, 'conf'> {
  readonly session: Session;
}

/**
 * Asks Kubernetes what it has to say to this ADD; the datastore is asked meanwhile for what this ADD needs first, and what can
 * be prepared of the interface is.
 */
export async function gatherKubernetes(session: Session, attachment: Attachment): Promise<KubernetesGathered> {
  const { conf, identity, deadline } = session;
  if (!needsKubernetes(session)) return { session, pod: undefined, namespaceLabels: {} };
  const ipam = conf.ipam.type === 'calico-ipam' ? identity : undefined;
  const store = readAhead(session.store, addReads({ identity, profile: sharedProfile(conf), ipam }), deadline);
  const answer = await askKubernetes(session, () => attachment.prepareEarly());
  const { pod, namespaceLabels } = answer;
  return { session: { ...session, conf: answer.conf, store }, pod, namespaceLabels };
}
