/** Few addresses in small blocks, so that nodes constantly claim, borrow and release. */
export const POOL = { name: 'default-ipv4-ippool', cidr: '192.168.0.0/24', spec: { blockSize: 28 } } as const;
