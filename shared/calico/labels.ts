const MOST = 63;
const MOST_PREFIX = 253;
const NAME = /^[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?$/;
const SUBDOMAIN = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/;
const CHARACTERS = "begin and end with a letter or digit, with nothing but letters, digits, '-', '_' and '.' between";

/** What is wrong with labels by Kubernetes' rules, as Calico checks them: one text per fault, naming the label or value. */
export const labelFaults = (labels: Readonly<Record<string, string>>): readonly string[] =>
  Object.entries(labels).flatMap(([key, value]) => [
    ...keyFaults(key).map((why) => `Metadata.Labels (label) = '${key}' (${why})`),
    ...valueFaults(value).map((why) => `Metadata.Labels (value) = '${value}' (${why})`),
  ]);

function keyFaults(key: string): readonly string[] {
  const [name = '', prefix, ...more] = key.split('/').reverse();
  if (more.length > 0) return ["a label has one name behind at most one prefix and '/'"];
  const faults = prefix === undefined ? [] : partFaults('prefix part', prefix, MOST_PREFIX);
  const strange = prefix === undefined || faults.length > 0 || SUBDOMAIN.test(prefix);
  return [
    ...faults,
    ...(strange ? [] : ['prefix part must be a lower case DNS subdomain']),
    ...partFaults('name part', name, MOST),
    ...(name === '' || NAME.test(name) ? [] : [`name part must ${CHARACTERS}`]),
  ];
}

function partFaults(what: string, part: string, most: number): readonly string[] {
  if (part === '') return [`${what} must be non-empty`];
  return part.length > most ? [`${what} must be no more than ${most} characters`] : [];
}

const valueFaults = (value: string): readonly string[] => [
  ...(value.length > MOST ? [`must be no more than ${MOST} characters`] : []),
  ...(value === '' || NAME.test(value) ? [] : [`must be empty, or ${CHARACTERS}`]),
];
