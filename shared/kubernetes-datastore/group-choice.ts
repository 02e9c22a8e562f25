import type { Reply } from '../kubernetes/failure.ts';
import { type ApiGroup, V1, V3 } from './api-group.ts';
import { isKindMissing } from './api-status.ts';
import type { ApiRequest } from './resource-access.ts';

/**
 * Which API group is used, found out from the answers to what is asked anyway where nothing says. With both groups v1 is the
 * one, as v3 is served from it.
 */
export interface GroupChoice {
  readonly group: ApiGroup;
  readonly isMade: boolean;
  /** Whether v1 was asked for in vain, so that v3 is to be tried. */
  readonly isDoubtful: boolean;
  /** Hears of every answer. */
  hear(request: ApiRequest, reply: Reply): void;
}

const FORBIDDEN = 403;

export function openGroupChoice(given: ApiGroup | undefined): GroupChoice {
  let group = given ?? V1;
  let isMade = given !== undefined;
  let isDoubtful = false;
  return {
    get group() {
      return group;
    },
    get isMade() {
      return isMade;
    },
    get isDoubtful() {
      return isDoubtful && !isMade;
    },
    hear({ asked }, reply) {
      const heard = [V1, V3].find(({ name }) => name === asked.group);
      if (isMade || heard === undefined) return;
      // A server asks for rights before it looks whether there is such a kind.
      isMade = reply.status !== FORBIDDEN && !isKindMissing(reply);
      if (isMade) group = heard;
      else isDoubtful = true;
    },
  };
}
