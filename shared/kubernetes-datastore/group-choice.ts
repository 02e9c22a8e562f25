import type { Reply } from '../kubernetes/failure.ts';
import { type ApiGroup, V1, V3 } from './api-group.ts';
import { isKindMissing } from './api-status.ts';
import type { ApiRequest } from './resource-access.ts';

/**
 * Chooses the API group. When it is not configured, the answers to regular requests decide. If the server has both groups, v1
 * is used, as v3 is then served from it.
 */
export interface GroupChoice {
  readonly group: ApiGroup;
  readonly isMade: boolean;
  /** Whether a v1 request failed for lack of the group, so that v3 is tried. */
  readonly isDoubtful: boolean;
  /** Called with every answer. */
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
      // A server checks permissions before it checks whether the kind exists.
      isMade = reply.status !== FORBIDDEN && !isKindMissing(reply);
      if (isMade) group = heard;
      else isDoubtful = true;
    },
  };
}
