import { createHash } from 'node:crypto';
import { type TarEntry, tar } from './tar.ts';
import type { Target } from './targets.ts';

/** The executable for one processor. */
export interface ImagePart {
  readonly target: Pick<Target, 'debian'>;
  readonly executable: Buffer;
}

interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

const OCI = 'application/vnd.oci.image';
/** As the image specification calls the processors that need a variant. */
const VARIANTS: Readonly<Record<string, object>> = { arm64: { variant: 'v8' } };

/**
 * An image in the OCI layout, as a tar file that `ctr images import` reads: one executable under each of its names, for every
 * processor. The same parts always make the same bytes.
 */
export function ociImage(parts: readonly ImagePart[], names: readonly string[], reference: string): Buffer {
  const blobs = new Map<string, Buffer>();
  const put = (mediaType: string, content: Buffer): Descriptor => {
    const sum = createHash('sha256').update(content).digest('hex');
    blobs.set(sum, content);
    return { mediaType: `${OCI}.${mediaType}`, digest: `sha256:${sum}`, size: content.length };
  };
  const manifests = parts.map(({ target: { debian: architecture }, executable }) => {
    const layer = put('layer.v1.tar', tar(layerEntries(executable, names)));
    const config = put('config.v1+json', json(configOf(architecture, layer.digest)));
    const manifest = put(
      MANIFEST,
      json({ schemaVersion: 2, mediaType: `${OCI}.${MANIFEST}`, config, layers: [layer] }),
    );
    return { ...manifest, platform: { architecture, os: 'linux', ...VARIANTS[architecture] } };
  });
  const index = put(INDEX, json({ schemaVersion: 2, mediaType: `${OCI}.${INDEX}`, manifests }));
  const annotations = {
    'io.containerd.image.name': reference,
    'org.opencontainers.image.ref.name': reference.slice(reference.lastIndexOf(':') + 1),
  };
  const files: readonly (readonly [string, Buffer])[] = [
    ['oci-layout', json({ imageLayoutVersion: '1.0.0' })],
    ['index.json', json({ schemaVersion: 2, manifests: [{ ...index, annotations }] })],
    ...[...blobs].map(([sum, content]) => [`blobs/sha256/${sum}`, content] as const),
  ];
  return tar(files.map(([path, content]) => ({ path, content, mode: 0o644 })));
}

const MANIFEST = 'manifest.v1+json';
const INDEX = 'index.v1+json';

const json = (value: object): Buffer => Buffer.from(JSON.stringify(value));

function layerEntries(content: Buffer, [first = '', ...others]: readonly string[]): readonly TarEntry[] {
  const mode = 0o755;
  return [{ path: first, mode, content }, ...others.map((path) => ({ path, mode, linkTo: first }))];
}

const configOf = (architecture: string, layer: string) => ({
  created: '1970-01-01T00:00:00Z',
  architecture,
  os: 'linux',
  ...VARIANTS[architecture],
  config: { Entrypoint: ['/calico-install'] },
  rootfs: { type: 'layers', diff_ids: [layer] },
});
