import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { tools } from '../../../build/tools.ts';

/** A real etcd of the test's own at 127.0.0.1. */
export interface RealEtcd {
  readonly url: string;
  stop(): Promise<void>;
}

/** Starts etcd. `flags` add to the addresses, e.g. certificates, which enable TLS. */
export async function startEtcd(flags: readonly string[] = []): Promise<RealEtcd> {
  const folder = mkdtempSync(join(tmpdir(), 'etcd-real-'));
  const [port, peerPort] = [await freePort(), await freePort()];
  const url = `${flags.length > 0 && flags.includes('--cert-file') ? 'https' : 'http'}://127.0.0.1:${port}`;
  const peer = `http://127.0.0.1:${peerPort}`;
  const child = spawn(
    tools().etcd,
    [
      ...['--data-dir', folder, '--listen-client-urls', url, '--advertise-client-urls', url],
      ...['--listen-peer-urls', peer, '--initial-advertise-peer-urls', peer, '--initial-cluster', `default=${peer}`],
      ...['--heartbeat-interval', '20', '--election-timeout', '200', ...flags],
    ],
    { stdio: 'ignore' },
  );
  // The ports open once the member is elected and serves.
  while (!(await isOpen(port))) {
    if (child.exitCode !== null) throw new Error(`etcd ended: ${child.exitCode}`);
    await sleep(20);
  }
  return {
    url,
    async stop() {
      child.kill('SIGKILL');
      await once(child, 'exit');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function isOpen(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  const opened = await Promise.race([
    once(socket, 'connect').then(() => true),
    once(socket, 'error').then(() => false),
  ]).catch(() => false);
  socket.destroy();
  return opened;
}

/** A proxy between client and etcd that cuts the connection once, at the moment named by `cut`. */
export interface Cable {
  readonly url: string;
  /** 'before': the next request that contains `text` never arrives. 'after': it arrives, but its answer does not. */
  cut(moment: 'before' | 'after', text: string): void;
  wasCut(): boolean;
  close(): void;
}

export async function layCable(url: string): Promise<Cable> {
  const to = new URL(url);
  let plan: { moment: 'before' | 'after'; text: string } | undefined;
  let wasCut = false;
  const sockets = new Set<{ destroy(): void }>();
  const server = createServer((client) => {
    const etcd = connect(Number(to.port), to.hostname);
    for (const socket of [client, etcd]) {
      sockets.add(socket);
      socket.on('error', () => {}).setNoDelay(true);
    }
    const sever = () => {
      client.destroy();
      etcd.destroy();
    };
    let isCut = false;
    client.on('data', (part) => {
      const hit = plan !== undefined && part.includes(plan.text);
      if (hit && plan?.moment === 'before') sever();
      else etcd.write(part);
      if (hit) {
        isCut = true;
        wasCut = true;
        plan = undefined;
      }
    });
    etcd.on('data', (part) => (isCut ? sever() : client.write(part)));
    client.on('close', () => etcd.destroy());
    etcd.on('close', () => client.destroy());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut: (moment, text) => {
      plan = { moment, text };
    },
    wasCut: () => wasCut,
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
