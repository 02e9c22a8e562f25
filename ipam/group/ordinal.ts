/** The label with a StatefulSet pod's ordinal, since Kubernetes 1.28. */
const INDEX_LABEL = 'apps.kubernetes.io/pod-index';
const NUMBER = /^(?:0|[1-9]\d{0,8})$/;
/** Four digits at most: the suffixes that Kubernetes generates have five characters, which may all be digits. */
const ORDINAL = /-(0|[1-9]\d{0,3})$/;

/** The ordinal of a pod: its label, else the number at the end of its name (`web-3`); undefined for other pods. */
export function ordinalOfPod(name: string, labels: Readonly<Record<string, string>> = {}): number | undefined {
  const labelled = labels[INDEX_LABEL] ?? '';
  if (NUMBER.test(labelled)) return Number(labelled);
  const found = ORDINAL.exec(name)?.[1];
  return found === undefined ? undefined : Number(found);
}
