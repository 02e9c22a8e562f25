import { CONFIG_KEY } from '../../shared/calico/keys.ts';
import { type Outcome, one, type Plan, type View } from '../../shared/datastore/view.ts';
import { effective, effectiveWrite } from '../resource/kinds/ipam-configuration.ts';
import { kindNamed } from '../resource/kinds.ts';
import { API_VERSION, type Fields } from '../resource/resource.ts';
import { checked } from '../resource/stored.ts';

/** What holds without any settings (as Calico). */
const DEFAULTS: Fields = { strictAffinity: false, autoAllocateBlocks: true };

const settingsIn = (view: View): Fields => effective(undefined, view.get(CONFIG_KEY))?.spec ?? DEFAULTS;

/** The settings that allocation reads, by the names of IPAMConfiguration's spec. Throws when they cannot be read. */
export function* readSettings(): Plan<Outcome<Fields>> {
  return { writes: [], answer: settingsIn(yield [one(CONFIG_KEY)]) };
}

/** Changes some of them; answers whether that changed anything. Throws Refused for what cannot go together. */
export function* changeSettings(changes: Fields): Plan<Outcome<boolean>> {
  const view = yield [one(CONFIG_KEY)];
  // The original writes out the default of this one.
  const spec = { kubeVirtVMAddressPersistence: 'Enabled', ...settingsIn(view), ...changes };
  const kind = kindNamed('IPAMConfiguration');
  if (kind === undefined) throw new Error('no kind IPAMConfiguration');
  const given = { kind: kind.name, apiVersion: API_VERSION, metadata: { name: 'default' }, spec };
  const write = effectiveWrite(checked(kind, given, undefined).spec);
  const isNew = write.value !== view.get(CONFIG_KEY)?.value;
  return { writes: isNew ? [write] : [], answer: isNew };
}
