import { get } from '../../shared/datastore/query.ts';
import { IPAM_CONFIG } from '../../shared/datastore/ref.ts';
import type { Outcome, Plan, View } from '../../shared/datastore/view.ts';
import { checked } from '../change/stored.ts';
import { effective, effectiveChange } from '../kinds/ipam-configuration.ts';
import { kindOf } from '../kinds/kinds.ts';
import { API_VERSION, type Fields } from '../resource/resource.ts';

/** The defaults (as Calico). */
const DEFAULTS: Fields = { strictAffinity: false, autoAllocateBlocks: true };

const settingsIn = (view: View): Fields => effective(undefined, view.get(IPAM_CONFIG))?.spec ?? DEFAULTS;

/** The settings that allocation reads, by the names of IPAMConfiguration's spec. Throws when they cannot be read. */
export function* readSettings(): Plan<Outcome<Fields>> {
  return { changes: [], answer: settingsIn(yield [get(IPAM_CONFIG)]) };
}

/** Changes some settings. Returns whether anything changed. Throws Refused for settings that exclude each other. */
export function* changeSettings(settings: Fields): Plan<Outcome<boolean>> {
  const view = yield [get(IPAM_CONFIG)];
  // The original writes out the default of this one.
  const spec = { kubeVirtVMAddressPersistence: 'Enabled', ...settingsIn(view), ...settings };
  const kind = kindOf('IPAMConfiguration');
  const given = { kind: kind.name, apiVersion: API_VERSION, metadata: { name: 'default' }, spec };
  const change = effectiveChange(checked(kind, given, undefined).spec);
  const isNew = change.next !== view.get(IPAM_CONFIG)?.value;
  return { changes: isNew ? [change] : [], answer: isNew };
}
