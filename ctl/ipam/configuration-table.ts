import { grid } from '../text/table.ts';

type Fields = Readonly<Record<string, unknown>>;

/** IPAM's current settings, as the original's table. `spec` is that of an IPAMConfiguration. */
export function configurationTable(spec: Fields): string {
  const rows: readonly (readonly [string, unknown])[] = [
    ['StrictAffinity', spec['strictAffinity'] ?? false],
    ['AutoAllocateBlocks', spec['autoAllocateBlocks'] ?? false],
    ['MaxBlocksPerHost', spec['maxBlocksPerHost'] ?? 0],
    ['KubeVirtVMAddressPersistence', spec['kubeVirtVMAddressPersistence'] ?? 'Enabled'],
    ['IPCooldownSeconds', spec['ipCooldownSeconds'] ?? 0],
  ];
  return grid(
    ['PROPERTY', 'VALUE'],
    rows.map(([name, value]) => [name, String(value)]),
  );
}
