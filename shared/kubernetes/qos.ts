import type { Bandwidth } from '../cni/netconf.ts';
import { parseQuantity } from './quantity.ts';

type Notes = Readonly<Record<string, string>>;

/** What a pod may send and receive, as the fields of spec.qosControls, and what was wrong with the annotations. */
export interface Qos {
  readonly controls: Readonly<Record<string, number | string>>;
  /** Problems that adjusted or dropped a value. They never fail a pod (as Calico). */
  readonly complaints: readonly string[];
}

/** A control for each direction: `what` follows `ingress` or `egress` in its annotation and its field. */
interface Limit {
  readonly what: string;
  readonly least: number;
  readonly most: number;
  /** The control it depends on. */
  readonly needs?: string;
  /** The control it must exceed. */
  readonly above?: string;
  /** The default when `needs` is set without it. */
  readonly otherwise?: number;
}

const LIMITS: readonly Limit[] = [
  { what: 'Bandwidth', least: 1000, most: 1e15 },
  { what: 'Burst', least: 1000, most: 34_359_738_360, needs: 'Bandwidth', otherwise: 2 ** 32 },
  { what: 'Peakrate', least: 1010, most: 1.01e15, needs: 'Bandwidth', above: 'Bandwidth' },
  { what: 'Minburst', least: 1000, most: 1e8, needs: 'Peakrate' },
  { what: 'PacketRate', least: 1, most: 10_000 },
  { what: 'PacketBurst', least: 1, most: 10_000, needs: 'PacketRate', otherwise: 5 },
  { what: 'MaxConnections', least: 1, most: 4_294_967_295 },
];

const DIRECTIONS = ['ingress', 'egress'] as const;
const DSCP = 'qos.projectcalico.org/dscp';
/** In the order in which Calico writes them. */
const fields = (): readonly string[] => [
  ...LIMITS.flatMap(({ what }) => DIRECTIONS.map((direction) => `${direction}${what}`)),
  'dscp',
];

/**
 * Reads the quality-of-service annotations (as Calico); fields in the order in which Calico writes them. `byKubernetes`:
 * whether kubernetes.io/{ingress,egress}-bandwidth count as well. A chained bandwidth plugin acts on those too, and two
 * shapers on one interface fail the pod.
 */
export function qosOf(annotations: Notes, byKubernetes: boolean): Qos {
  const controls = new Map<string, number | string>();
  const complaints: string[] = [];
  const notes = notesOf(annotations, byKubernetes);
  for (const limit of LIMITS) {
    for (const direction of DIRECTIONS) {
      const { value, complaint } = settle(direction, limit, notes, controls);
      if (value !== undefined) controls.set(direction + limit.what, value);
      if (complaint !== undefined) complaints.push(complaint);
    }
  }
  const dscp = annotations[DSCP];
  const mark = dscp === undefined ? undefined : parseDscp(dscp);
  if (mark !== undefined) controls.set('dscp', mark);
  else if (dscp !== undefined) complaints.push(`${DSCP}: ${dscp} is not a DSCP value`);
  return { controls: Object.fromEntries(controls), complaints };
}

interface Settled {
  readonly value?: number;
  readonly complaint?: string;
}

function settle(direction: string, limit: Limit, annotations: Notes, controls: ReadonlyMap<string, unknown>): Settled {
  const { what, needs, above, otherwise } = limit;
  const text = annotationOf(direction, what, annotations);
  if (needs !== undefined && !controls.has(direction + needs)) {
    return text === undefined ? {} : { complaint: `${direction}${what}: ignored, needs ${direction}${needs}` };
  }
  const { value = otherwise, complaint } = text === undefined ? {} : clamp(text, limit);
  if (value !== undefined && above !== undefined && value <= Number(controls.get(direction + above))) {
    return { complaint: `${direction}${what}: ignored, must be greater than ${direction}${above}` };
  }
  return {
    ...(value === undefined ? {} : { value }),
    ...(complaint === undefined ? {} : { complaint: `${direction}${what}: ${complaint}` }),
  };
}

const annotationOf = (direction: string, what: string, annotations: Notes): string | undefined =>
  annotations[`qos.projectcalico.org/${direction}${what}`];

/** The annotations, with Kubernetes' own under Calico's names where they count. Calico's take precedence. */
function notesOf(annotations: Notes, byKubernetes: boolean): Notes {
  if (!byKubernetes) return annotations;
  const renamed = DIRECTIONS.flatMap((direction) => {
    const value = annotations[`kubernetes.io/${direction}-bandwidth`];
    return value === undefined ? [] : [[`qos.projectcalico.org/${direction}Bandwidth`, value] as const];
  });
  return { ...Object.fromEntries(renamed), ...annotations };
}

/**
 * The endpoint's controls: the runtime's limits (capability bandwidth) within Felix's bounds, except in a direction that
 * the pod's annotations limit.
 */
export function qosControlsOf(bandwidth: Bandwidth | undefined, annotated: Qos['controls'] = {}): Qos['controls'] {
  if (bandwidth === undefined && Object.keys(annotated).length === 0) return annotated;
  const limits = bandwidth === undefined ? [] : limitsOf(bandwidth);
  const given = limits.filter(({ direction }) => annotated[`${direction}Bandwidth`] === undefined);
  const controls = { ...annotated, ...Object.fromEntries(given.map(({ field, value }) => [field, value])) };
  return Object.fromEntries(
    fields().flatMap((field) => (controls[field] === undefined ? [] : [[field, controls[field]]])),
  );
}

function limitsOf(bandwidth: Bandwidth): readonly { direction: string; field: string; value: number }[] {
  const [rate, burst] = LIMITS;
  return DIRECTIONS.filter((direction) => bandwidth[`${direction}Rate`] > 0).flatMap((direction) => [
    { direction, field: `${direction}Bandwidth`, value: within(bandwidth[`${direction}Rate`], rate) },
    { direction, field: `${direction}Burst`, value: within(bandwidth[`${direction}Burst`], burst) },
  ]);
}

const within = (value: number, limit: Limit | undefined): number =>
  Math.min(Math.max(value, limit?.least ?? value), limit?.most ?? value);

function clamp(text: string, { least, most }: Limit): Settled {
  const quantity = parseQuantity(text);
  if (quantity === undefined) return { complaint: `${text} is not a quantity` };
  if (quantity < BigInt(least)) return { value: least, complaint: `${text} is too small, using ${least}` };
  if (quantity > BigInt(most)) return { value: most, complaint: `${text} is too large, using ${most}` };
  return { value: Number(quantity) };
}

/** A number from 0 to 63, or one of its names in RFC 2474, 2597 and 3246. */
function parseDscp(text: string): number | string | undefined {
  if (/^\d{1,2}$/.test(text) && Number(text) <= 63) return Number(text);
  const name = text.toUpperCase();
  return /^(?:DF|EF|AF[1-4][1-3]|CS[0-7])$/.test(name) ? name : undefined;
}
