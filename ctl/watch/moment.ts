import type { World } from '../../shared/system/world.ts';
import type { Moment } from './token-life.ts';
import { uptimeNow } from './uptime.ts';

/** Both clocks now. */
export const momentNow = (world: Pick<World, 'now'>): Moment => ({
  wall: Number(world.now() / 1_000_000n) / 1_000,
  uptime: uptimeNow(),
});
