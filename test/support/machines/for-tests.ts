import { openForTests } from '../bed/for-tests.ts';
import { type Layout, type Machines, openMachines } from './machines.ts';
import { openRouted, type Routed, type RoutedLayout, untilAllReach } from './routed.ts';

/** How long machines may take to start on a busy computer, in milliseconds. */
const START_MS = 180_000;

/** Machines for the tests of a `describe`. */
export const machinesForTests = (layout: Layout): Machines => openForTests(() => openMachines(layout), START_MS);

/** The same with a `calicoctl node run` and a pod on each. */
export const routedForTests = (layout: RoutedLayout): Routed => openForTests(() => openRouted(layout), START_MS);

/** The same, once each pod reaches each other. */
export const reachedForTests = (layout: RoutedLayout): Routed =>
  openForTests(async () => {
    const opened = await openRouted(layout);
    await untilAllReach(opened.pods);
    return opened;
  }, START_MS);
