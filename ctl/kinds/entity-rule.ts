import type { Fields } from '../resource/resource.ts';
import { list, object, type Relation, scalar, text } from '../schema/type.ts';
import { namespaceSelector, selector } from './selector.ts';

const name = text({ format: 'name', max: 253 });

const isSet = (value: unknown): boolean =>
  value !== undefined && value !== '' && !(Array.isArray(value) && value.length === 0);

const besideServices = (what: string, ...fields: readonly string[]): Relation => ({
  at: 'services',
  reason: `cannot specify ${what} and Services on the same rule`,
  broken: ({ services, ...others }: Fields) => services !== undefined && fields.some((field) => isSet(others[field])),
});

/** The source or destination that a rule matches. */
export const entity = object(
  {
    nets: list(text({ format: 'net' }), { max: 256 }),
    selector,
    namespaceSelector,
    services: object({ name: text({ format: 'name', max: 253, required: true }), namespace: name }),
    ports: list(scalar('port'), { max: 50 }),
    notNets: list(text({ format: 'net' }), { max: 256 }),
    notSelector: selector,
    notPorts: list(scalar('port'), { max: 50 }),
    serviceAccounts: object({ names: list(text()), selector }),
  },
  {
    omitZero: true,
    relations: [
      besideServices('NamespaceSelector', 'namespaceSelector'),
      besideServices('Selector/NotSelector', 'selector', 'notSelector'),
      besideServices('ServiceAccounts', 'serviceAccounts'),
      besideServices('Nets/NotNets', 'nets', 'notNets'),
    ],
  },
);
