import { CLUSTER_INFORMATION } from '../datastore/ref.ts';
import type { Reply } from '../kubernetes/failure.ts';
import { type ApiGroup, V1, V3 } from './api-group.ts';
import { isKindMissing } from './api-status.ts';
import { getRequest } from './object-requests.ts';
import type { Requests } from './requests.ts';
import type { ApiRequest } from './resource-access.ts';

/** Which API group is used, found out from what the server answers to v1 where nothing says. */
export interface GroupChoice {
  readonly group: ApiGroup;
  readonly isMade: boolean;
  /** Hears of every answer. */
  hear(request: ApiRequest, reply: Reply): void;
  /**
   * Once answers are in: whether the server has v3 alone, so that all is to be asked again. With both groups v1 is what
   * holds the data, as v3 is served from it.
   */
  turnsOut(deadline: number): Promise<boolean>;
}

const FORBIDDEN = 403;

export function openGroupChoice(given: ApiGroup | undefined, requests: Requests): GroupChoice {
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
    hear({ asked }, reply) {
      if (isMade || asked.group !== V1.name) return;
      // A server asks for rights before it looks whether there is such a kind.
      if (reply.status === FORBIDDEN || isKindMissing(reply)) isDoubtful = true;
      else isMade = true;
    },
    async turnsOut(deadline) {
      if (isMade || !isDoubtful) return false;
      const request = getRequest({ group: V3, plural: 'clusterinformations' }, CLUSTER_INFORMATION.name);
      const reply = await requests.send(request, deadline);
      if (isMade) return group === V3;
      isMade = true;
      if (reply.status !== 200 && (reply.status !== 404 || isKindMissing(reply))) return false;
      group = V3;
      return true;
    },
  };
}
