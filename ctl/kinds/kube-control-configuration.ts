import type { Fault } from '../resource/fault.ts';
import type { Fields } from '../resource/resource.ts';
import { objectOf } from '../resource/shape.ts';
import { any, choice, integer, list, map, object, scalar, text } from '../schema/type.ts';
import { enabled } from './enabled.ts';
import type { Rules } from './rules.ts';
import { selector } from './selector.ts';

const reconcilerPeriod = scalar('duration');
const port = integer({ min: 0, max: 65_535 });

const template = object({
  generateName: text({ max: 253, required: true }),
  interfaceCIDRs: list(text({ format: 'cidrOrAddress' }), { required: true }),
  interfacePattern: text({ format: 'regexp' }),
  nodeSelector: selector,
  labels: map(text({ format: 'labelValue' }), { keys: 'labelKey' }),
});

const node = object({
  reconcilerPeriod,
  syncLabels: choice(enabled),
  hostEndpoint: object({
    autoCreate: choice(enabled),
    createDefaultHostEndpoint: choice(enabled),
    templates: list(template),
  }),
  leakGracePeriod: scalar('duration', { default: '15m0s' }),
});

/** KubeControllersConfiguration `default`: the settings of kube-controllers. */
export const kubeControllersConfiguration: Rules = {
  spec: object({
    logSeverityScreen: choice(['None', 'Debug', 'Info', 'Warning', 'Error', 'Fatal', 'Panic']),
    healthChecks: choice(enabled, { default: 'Enabled' }),
    etcdV3CompactionPeriod: scalar('duration'),
    prometheusMetricsPort: { ...port, default: 9094 },
    controllers: object(
      {
        node,
        policy: object({ reconcilerPeriod }),
        workloadEndpoint: object({ reconcilerPeriod }),
        serviceAccount: object({ reconcilerPeriod }),
        namespace: object({ reconcilerPeriod }),
        loadBalancer: object({
          assignIPs: choice(['AllServices', 'RequestedServicesOnly'], { default: 'AllServices' }),
        }),
        policyMigration: object({ enabled: choice(enabled, { default: 'Enabled' }) }),
      },
      { default: {} },
    ),
    debugProfilePort: port,
  }),
  status: any(),
  faults: ({ metadata: { name }, spec = {} }, old) => [
    ...(name === 'default' || old !== undefined ? [] : [otherName(name)]),
    ...repeated(spec),
  ],
};

const otherName = (name: string): Fault => ({
  field: 'Metadata.Name',
  value: name,
  reason: 'Cannot create a Kube Controllers Configuration resource with a name other than "default"',
});

/** Names of templates become parts of the endpoints' names. */
function repeated(spec: Fields): readonly Fault[] {
  const its = objectOf(objectOf(objectOf(spec['controllers'])?.['node'])?.['hostEndpoint'])?.['templates'];
  const names = (Array.isArray(its) ? its : []).map((one) => objectOf(one)?.['generateName']);
  const twice = names.filter((name, at) => names.indexOf(name) !== at);
  return twice.map((name) => ({
    field: `KubeControllersConfiguration.Node.HostEndpoint.Templates.${name}`,
    reason: 'Template name must be unique',
  }));
}
