import { KEEPS_UNKNOWN, type Schema } from './field-schema.ts';

const TEXT: Schema = { type: 'string' };
const FLAG: Schema = { type: 'boolean' };
const TIME: Schema = { type: 'string', format: 'date-time' };
/** Sequence numbers are larger than what a double holds. */
const LONG: Schema = { type: 'integer', format: 'int64' };
const TEXTS: Schema = { type: 'object', additionalProperties: TEXT };

const fields = (properties: Readonly<Record<string, Schema>>, required: readonly string[] = []): Schema => ({
  type: 'object',
  properties,
  ...(required.length > 0 && { required }),
  ...KEEPS_UNKNOWN,
});

const whole = (maximum: number): Schema => ({ type: 'integer', minimum: 0, maximum });

/** The specs of the objects that only programs write; their required fields are those that the original insists on. */
export const IPAM_SCHEMAS = {
  IPAMBlock: fields(
    {
      cidr: TEXT,
      affinity: TEXT,
      affinityClaimTime: TIME,
      allocations: { type: 'array', items: { type: 'integer', nullable: true } },
      unallocated: { type: 'array', items: { type: 'integer' } },
      attributes: {
        type: 'array',
        items: fields({ handle_id: TEXT, secondary: TEXTS, alternateOwnerAttrs: TEXTS, releasedAt: TIME }),
      },
      sequenceNumber: LONG,
      sequenceNumberForAllocation: { type: 'object', additionalProperties: LONG },
      deleted: FLAG,
      strictAffinity: FLAG,
    },
    ['allocations', 'attributes', 'cidr', 'strictAffinity', 'unallocated'],
  ),
  // `deleted` is a text here.
  BlockAffinity: fields({ cidr: TEXT, node: TEXT, state: TEXT, type: TEXT, deleted: TEXT }, [
    'cidr',
    'deleted',
    'node',
    'state',
  ]),
  IPAMHandle: fields(
    { handleID: TEXT, block: { type: 'object', additionalProperties: { type: 'integer' } }, deleted: FLAG },
    ['block', 'handleID'],
  ),
  IPAMConfig: fields(
    {
      strictAffinity: FLAG,
      autoAllocateBlocks: FLAG,
      maxBlocksPerHost: whole(2 ** 31 - 1),
      ipCooldownSeconds: whole(1_200),
      kubeVirtVMAddressPersistence: { type: 'string', enum: ['Enabled', 'Disabled'] },
    },
    ['autoAllocateBlocks', 'strictAffinity'],
  ),
  ClusterInformation: fields({
    calicoVersion: TEXT,
    clusterGUID: TEXT,
    clusterType: TEXT,
    datastoreReady: FLAG,
    variant: TEXT,
  }),
} as const satisfies Readonly<Record<string, Schema>>;
