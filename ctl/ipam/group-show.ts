import type { Group } from '../../ipam/group/group.ts';
import { readGroup } from '../../ipam/group/read-group.ts';
import { annotatedGroup } from '../../plugins/kubernetes/annotated-group.ts';
import { openKubernetesTarget } from '../../shared/call/open-kubernetes.ts';
import { failure } from '../../shared/error/failure.ts';
import { toFailure, withDetails } from '../../shared/error/failure-context.ts';
import { openKubernetes } from '../../shared/kubernetes/client.ts';
import { parseTexts } from '../../shared/kubernetes/json-list.ts';
import { type Args, type Command, UsageError } from '../command-line/command.ts';
import type { Context } from '../command-line/context.ts';
import { targetInEnvironment } from '../command-line/kubernetes-target.ts';
import { groupUse } from './group-table.ts';
import { eachBlock } from './scan-blocks.ts';

/** `calicoctl ipam group show`. */
export const ipamGroupShow: Command = {
  words: 'ipam group show',
  operands: '<group>',
  summary: 'Show the members of a fixed address group, and who holds each',
  about:
    'The group is a JSON list, or the name of a pod that has one: by its annotation cni.projectcalico.org/ipGroup, or by its namespace’s.',
  options: [{ flags: '-n, --namespace <namespace>', summary: "the pod's namespace", fallback: 'default' }],
  examples: [
    { what: 'A group', line: `ipam group show '["10.9.0.8/29", "10.9.1.4-10.9.1.9"]'` },
    { what: 'The group of a pod', line: 'ipam group show -n prod web-0' },
  ],
  async run(context, args) {
    const group = await groupGiven(context, args);
    const use = groupUse(group);
    await eachBlock(context, use.add);
    context.out(use.text());
    return 0;
  },
};

/** A pod's name. */
const NAME = /^[a-z0-9][-.a-z0-9]*$/;

async function groupGiven(context: Context, args: Args): Promise<Group> {
  const [given, ...more] = args.operands;
  if (given === undefined || more.length > 0) throw new UsageError('name a group, as a JSON list, or one pod');
  if (given.trimStart().startsWith('[')) return readGroup(textsIn(given), 'the command line');
  if (!NAME.test(given)) throw new UsageError(`${given} is neither a JSON list nor the name of a pod`);
  return groupOfPod(context, args.text('namespace') ?? 'default', given);
}

function textsIn(list: string): readonly string[] {
  try {
    return parseTexts(list);
  } catch (thrown) {
    throw new UsageError(`${toFailure(thrown).message}; a group is a list such as '["10.9.0.8/29"]'`);
  }
}

async function groupOfPod(context: Context, namespace: string, name: string): Promise<Group> {
  try {
    return await annotated(context, namespace, name);
  } catch (thrown) {
    if (context.target.type === 'kubernetes') throw thrown;
    throw withDetails(toFailure(thrown), ['pods are read from the API server that KUBECONFIG names']);
  }
}

/** With data in etcd, the API server is that of the environment. */
async function annotated(context: Context, namespace: string, name: string): Promise<Group> {
  const { world, log, deadline, target } = context;
  const server = target.type === 'kubernetes' ? target.kubernetes : targetInEnvironment(world.env);
  const { api } = openKubernetesTarget(server, world, log);
  const kubernetes = openKubernetes({ conf: server.conf, world, log, deadline, api });
  try {
    const [pod, space] = await Promise.all([kubernetes.pod(namespace, name), kubernetes.namespace(namespace)]);
    const group = annotatedGroup(CALICO_IPAM, pod, space);
    if (group !== undefined) return group;
    throw failure(
      `pod ${namespace}/${name} has no fixed address group`,
      'neither the pod nor its namespace has the annotation cni.projectcalico.org/ipGroup',
    );
  } finally {
    kubernetes.close();
    api.close();
  }
}

const CALICO_IPAM = { type: 'calico-ipam' };
