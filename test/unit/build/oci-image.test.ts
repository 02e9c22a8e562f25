import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ociImage } from '../../../build/oci-image.ts';
import { tar } from '../../../build/tar.ts';
import { TARGETS } from '../../../build/targets.ts';

interface Descriptor {
  readonly digest: string;
  readonly size: number;
  readonly platform?: object;
  readonly annotations?: Readonly<Record<string, string>>;
}

const REFERENCE = 'registry.example:5000/calico-cni:1.2.3';
const NAMES = ['calico', 'calico-install'];
const PARTS = [
  { target: TARGETS.x64, executable: Buffer.from('\x7fELF for x64') },
  { target: TARGETS.arm64, executable: Buffer.alloc(1000, 'a') },
];

describe('the image', () => {
  let folder = '';
  const sum = (content: Buffer) => createHash('sha256').update(content).digest('hex');
  const blob = ({ digest }: Descriptor) => readFileSync(join(folder, 'blobs/sha256', digest.slice('sha256:'.length)));
  const json = (of: Descriptor) => JSON.parse(blob(of).toString());
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'image-'));
    writeFileSync(join(folder, 'image.tar'), ociImage(PARTS, NAMES, REFERENCE));
    execFileSync('tar', ['-C', folder, '-xf', join(folder, 'image.tar')]);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const index = (): Descriptor => JSON.parse(readFileSync(join(folder, 'index.json'), 'utf8')).manifests[0];

  test('has the name by which runtimes import it', () => {
    expect(index().annotations).toEqual({
      'io.containerd.image.name': REFERENCE,
      'org.opencontainers.image.ref.name': '1.2.3',
    });
  });

  test('lists a manifest for each processor, in blobs with the right digests', () => {
    const { manifests } = json(index()) as { readonly manifests: readonly Descriptor[] };
    expect(manifests.map(({ platform }) => platform)).toEqual([
      { architecture: 'amd64', os: 'linux' },
      { architecture: 'arm64', os: 'linux', variant: 'v8' },
    ]);
    for (const manifest of manifests) {
      const { config, layers } = json(manifest) as { readonly config: Descriptor; readonly layers: Descriptor[] };
      for (const one of [index(), manifest, config, ...layers]) {
        expect(`sha256:${sum(blob(one))}`).toBe(one.digest);
        expect(blob(one)).toHaveLength(one.size);
      }
      expect(json(config)).toMatchObject({
        config: { Entrypoint: ['/calico-install'] },
        rootfs: { diff_ids: layers.map(({ digest }) => digest) },
      });
    }
  });

  test('has nothing but the executable, under each of its names', () => {
    const [manifest] = json(index()).manifests;
    const [layer] = json(manifest).layers;
    const root = mkdtempSync(join(folder, 'root-'));
    writeFileSync(join(folder, 'layer.tar'), blob(layer));
    const listed = execFileSync('tar', ['-tf', join(folder, 'layer.tar')]).toString();
    expect(listed).toBe('calico\ncalico-install\n');
    execFileSync('tar', ['-C', root, '--no-same-owner', '-xf', join(folder, 'layer.tar')]);
    const [first, second] = NAMES.map((name) => statSync(join(root, name)));
    expect(second?.ino).toBe(first?.ino);
    expect({ mode: first && first.mode & 0o777, mtime: first?.mtimeMs }).toEqual({ mode: 0o755, mtime: 0 });
    expect(readFileSync(join(root, 'calico-install'))).toEqual(PARTS[0]?.executable);
  });

  test('has the same bytes when it is made again', () => {
    expect(sum(ociImage(PARTS, NAMES, REFERENCE))).toBe(sum(readFileSync(join(folder, 'image.tar'))));
  });

  test('cannot have a path that does not fit', () => {
    expect(() => tar([{ path: 'x'.repeat(101), mode: 0o644, content: Buffer.alloc(0) }])).toThrow('too long');
  });
});
