import type { Reply } from '../kubernetes/failure.ts';
import { type ApiGroup, V1, V3 } from './api-group.ts';
import { isKindMissing } from './api-status.ts';
import type { ApiRequest } from './resource-access.ts';

/**
 * Chooses the API group. When it is not configured, the answers to regular requests decide. The group tried first is used if the
 * server has it: v1, since v3 may be served from v1, or the group that this host remembers.
 */
export interface GroupChoice {
  readonly group: ApiGroup;
  readonly isMade: boolean;
  /** The group to try when `isDoubtful`. */
  readonly other: ApiGroup;
  /** Whether a request failed for lack of the group, so that the other is tried. */
  readonly isDoubtful: boolean;
  /** Called with every answer. */
  hear(request: ApiRequest, reply: Reply): void;
}

const FORBIDDEN = 403;

/** `remembered`: the first guess where nothing is given. */
export function openGroupChoice(given: ApiGroup | undefined, remembered: ApiGroup = V1): GroupChoice {
  let group = given ?? remembered;
  let isMade = given !== undefined;
  let isDoubtful = false;
  return {
    get group() {
      return group;
    },
    get other() {
      return group === V1 ? V3 : V1;
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
