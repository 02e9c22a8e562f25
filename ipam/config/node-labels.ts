import { readMetadata, storedReader } from '../../shared/calico/stored.ts';
import type { Entry } from '../../shared/datastore/query.ts';
import { nodeRef } from '../../shared/datastore/ref.ts';
import type { View } from '../../shared/datastore/view.ts';
import { failure } from '../../shared/error/failure.ts';

/** The labels of a node; undefined when its Node resource is missing or cannot be read. */
export function labelsOf(view: View, node: string): Readonly<Record<string, string>> | undefined {
  const entry = view.get(nodeRef(node));
  try {
    return entry && labelsIn(entry);
  } catch {
    return undefined;
  }
}

/** Like labelsOf, but throws a Failure with Calico's text when they are missing. */
export function requiredLabels(view: View, node: string): Readonly<Record<string, string>> {
  const entry = view.get(nodeRef(node));
  if (entry !== undefined) return labelsIn(entry);
  throw failure(
    `resource does not exist: Node(${node}) with error: <nil>`,
    `Node ${node} does not exist: start calico-node there, or set nodename to the name that it registered`,
  );
}

const labelsIn = ({ at, value }: Entry): Readonly<Record<string, string>> =>
  readMetadata(storedReader(at, value, 'Node')).textMap('labels');
