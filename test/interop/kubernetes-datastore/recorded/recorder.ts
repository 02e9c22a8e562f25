import { tools } from '../../../../build/tools.ts';
import type { Host, Ran } from '../../../support/host/host.ts';
import { OPERATOR_TOKEN } from '../../../support/kubernetes/api-server.ts';
import type { Request } from '../../../support/kubernetes/audit.ts';
import { createPod, podArgs, writeKubeconfig } from '../../../support/kubernetes/pods.ts';
import { type KubernetesBed, kddConf } from '../../../support/kubernetes-datastore/bed.ts';
import { configPlural, resourcePath } from '../../../support/kubernetes-datastore/custom-resources.ts';
import type { KubernetesObject } from '../../../support/kubernetes-datastore/dump.ts';
import { addNetns, netnsPath } from '../../../support/network/netns.ts';
import { level, levelText } from './level.ts';
import { NOBODYS, type Step } from './scenarios.ts';

/** A step and what came of it. */
export interface Recorded {
  readonly step: string;
  readonly exit?: number | undefined;
  readonly stdout?: string;
  readonly stderr?: string;
  /** Verb, path and status of the requests, sorted: those of one round arrive in any order. */
  readonly requests?: readonly string[];
  /** IPAM's objects and the pods with annotations afterwards, unless nothing has changed. */
  readonly objects?: unknown;
}

const KUBECONFIG = '/run/calico-test/operator-kubeconfig';

/** Plays a scenario on a bed, and returns what happened. */
export async function record(bed: KubernetesBed, steps: readonly Step[]): Promise<readonly Recorded[]> {
  await prepare(bed, steps);
  const recorded: Recorded[] = [];
  let [before, prevResult] = ['', ''];
  for (const step of steps) {
    const { result: ran, requests } = await bed.asked(() => act(bed, step, prevResult));
    if ('call' in step && step.call === 'ADD') prevResult = ran?.stdout ?? '';
    const objects = await objectsIn(bed);
    const text = JSON.stringify(objects);
    const what = ran === undefined ? {} : { ...outcome(ran), requests: requestTexts(requests) };
    recorded.push({ step: stepText(bed, step), ...what, ...(text === before ? {} : { objects }) });
    before = text;
  }
  return recorded;
}

const outcome = ({ exit, stdout, stderr }: Ran) => ({ exit, stdout: levelText(stdout), stderr: levelText(stderr) });

/** The pods of the scenario, and a machine as after a boot. */
async function prepare(bed: KubernetesBed, steps: readonly Step[]): Promise<void> {
  await bed.reset();
  await bed.host.must('sh', ['-c', 'rm -rf /var/run/calico/cni']);
  writeKubeconfig(bed, bed.kubernetes, OPERATOR_TOKEN, KUBECONFIG);
  const pods = new Set(steps.flatMap((step) => ('call' in step ? [step.pod] : [])));
  for (const pod of pods) {
    await freshNetns(bed.host, `pod-${pod}`);
    if (pod !== NOBODYS)
      await createPod(bed.kubernetes, { namespace: 'prod', pod: `web-${pod}` }, {}, { nodeName: nodeOf(pod) });
  }
}

async function freshNetns(host: Host, name: string): Promise<void> {
  await host.run('ip', ['netns', 'del', name]);
  await addNetns(host, name);
}

const nodeOf = (pod: number): string => (pod % 2 === 1 ? 'node1' : 'node2');

async function act(bed: KubernetesBed, step: Step, prevResult: string): Promise<Ran | undefined> {
  if ('call' in step) {
    const { call, pod, container = pod, args = '', conf } = step;
    const usual = podArgs({ namespace: 'prod', pod: `web-${pod}` });
    return bed.call(
      call,
      { containerID: `c${String(container).padStart(4, '0')}`.padEnd(32, '0'), netns: `pod-${pod}` },
      {
        netns: netnsPath(`pod-${pod}`),
        args: args === '' ? usual : `${usual};${args}`,
        conf: kddConf({
          nodename: nodeOf(pod),
          ...(call === 'CHECK' && { prevResult: JSON.parse(prevResult) }),
          ...conf,
        }),
      },
    );
  }
  if ('calicoctl' in step) {
    const env = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', DATASTORE_TYPE: 'kubernetes', KUBECONFIG };
    return bed.host.run(`${tools().bin}/calicoctl`, step.calicoctl.split(' '), { env, input: step.input ?? '' });
  }
  if ('apply' in step) await bed.apply(step.apply(bed.objects));
  else await bed.ask('DELETE', resourcePath(bed.group, step.remove, step.name));
  return undefined;
}

function stepText({ objects }: KubernetesBed, step: Step): string {
  if ('call' in step) {
    const { call, pod, container = pod, args = '', conf } = step;
    const more = [args, conf === undefined ? '' : JSON.stringify(conf)].filter((text) => text !== '');
    return [call, `web-${pod} on ${nodeOf(pod)}, container ${container}`, ...more].join(' ');
  }
  if ('calicoctl' in step) return `calicoctl ${step.calicoctl}${step.input === undefined ? '' : ` <<< ${step.input}`}`;
  if ('remove' in step) return `kubectl delete ${step.remove} ${step.name}`;
  const { plural, body } = step.apply(objects);
  return `kubectl apply ${plural} ${body.metadata.name}`;
}

/** What is read twice counts once: a call that has waited for another reads again. */
function requestTexts(requests: readonly Request[]): readonly string[] {
  const texts = requests.map(requestText).sort();
  return texts.filter((text, at) => !/^(?:get|list) /.test(text) || text !== texts[at - 1]);
}

/** e.g. `get ipamblocks/192-168-89-128-26 404` */
function requestText({ verb, uri, code }: Pick<Request, 'verb' | 'uri' | 'code'>): string {
  const path = decodeURIComponent(uri).replace(/^\/apis?\/(?:[^/]*projectcalico\.org\/)?v\d\//, '');
  return `${verb} ${levelText(path)} ${code}`;
}

async function objectsIn(bed: KubernetesBed): Promise<unknown> {
  const kinds = ['ippools', 'ipamblocks', 'blockaffinities', 'ipamhandles', configPlural(bed.group)];
  const lists = await Promise.all(kinds.map(async (plural) => [plural, (await bed.list(plural)).map(shown)] as const));
  const { body } = await bed.ask('GET', '/api/v1/namespaces/prod/pods');
  const pods = (body['items'] as readonly KubernetesObject[])
    .filter(({ metadata }) => metadata.annotations !== undefined)
    .map(({ metadata: { name, annotations } }) => ({ name, annotations }));
  return level(Object.fromEntries([...lists, ['pods', pods]].filter(([, list]) => list?.length !== 0)) as never);
}

function shown({ metadata: { name, labels, annotations }, spec }: KubernetesObject) {
  return {
    name,
    ...(labels === undefined ? {} : { labels }),
    ...(annotations === undefined ? {} : { annotations }),
    spec,
  };
}
