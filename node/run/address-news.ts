import { AddressMessage, readAddress } from '../../shared/netlink/address.ts';
import type { Received } from '../../shared/netlink/message.ts';
import { type Notices, openNotices } from '../../shared/netlink/notices.ts';

const SCOPE = 3;
/** Of addresses that other machines may reach; those of links come with every pod. */
const GLOBAL = 0;

/** What has become of this machine's addresses. */
export interface AddressChanges {
  readonly isNone: boolean;
  /** Whether an address may be gone. */
  isGone(address: string): boolean;
}

/** Tells of changes of this machine's addresses. */
export interface AddressNews {
  /** Those since the last time. */
  take(): AddressChanges;
  close(): void;
}

/** Begins with the first `take`. */
export function openAddressNews(): AddressNews {
  let notices: Notices | undefined;
  return {
    take() {
      notices ??= openNotices('addresses');
      return changesIn(notices.take());
    },
    close: () => notices?.close(),
  };
}

/** Undefined: so many that the kernel has not told them. */
export function changesIn(told: readonly Received[] | undefined): AddressChanges {
  if (told === undefined) return { isNone: false, isGone: () => true };
  const news = told.filter(
    ({ type, body }) => (type === AddressMessage.new || type === AddressMessage.del) && body[SCOPE] === GLOBAL,
  );
  const gone = new Set(
    news.filter(({ type }) => type === AddressMessage.del).map((each) => bare(readAddress(each).cidr)),
  );
  return { isNone: news.length === 0, isGone: (address) => gone.has(address) };
}

const bare = (cidr: string): string => cidr.slice(0, cidr.indexOf('/'));
