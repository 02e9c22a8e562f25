import { readAhead, readAheadOfTurn } from '../../shared/datastore/read-ahead.ts';
import type { Attachment } from '../dataplane/attachment.ts';
import { addReads, sharedProfile } from '../decide/add-decision.ts';
import { askKubernetes, type KubernetesAnswer, needsKubernetes } from '../kubernetes/ask.ts';
import type { Session } from './session.ts';

/** The session, its NetConf updated from Kubernetes, and what else Kubernetes returned. */
export interface KubernetesGathered extends Omit<KubernetesAnswer, 'conf'> {
  readonly session: Session;
}

/** Who takes addresses on this node: the virtual machine, or the container. */
const holderOf = ({ node, handleID }: Session['identity'], machine: Session['machine']) => ({
  node,
  handleID: machine?.handleID ?? handleID,
});

/**
 * Reads what this ADD needs from Kubernetes. Meanwhile its first queries to the datastore run, and the interface is prepared as
 * far as possible.
 */
export async function gatherKubernetes(session: Session, attachment: Attachment): Promise<KubernetesGathered> {
  const { conf, identity, deadline, machine } = session;
  const ipam = conf.ipam.type === 'calico-ipam' ? holderOf(identity, machine) : undefined;
  const queries = addReads({ identity, profile: sharedProfile(conf), ipam });
  if (!needsKubernetes(session)) {
    // Without IPAM there is no turn to wait for.
    const store = ipam === undefined ? session.store : readAheadOfTurn(session.store, queries, deadline);
    return { session: { ...session, store }, pod: undefined, namespaceLabels: {} };
  }
  const store = readAhead(session.store, queries, deadline);
  const answer = await askKubernetes(session, () => attachment.prepareEarly());
  const { pod, namespaceLabels } = answer;
  return { session: { ...session, conf: answer.conf, store }, pod, namespaceLabels };
}
