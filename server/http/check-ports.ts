import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { StartError } from '../start-error.ts';

interface Address {
  readonly host: string;
  /** 0 for any free one. */
  readonly port: number;
}

/**
 * Sees whether all of these addresses can be listened on, and leaves them free again.
 *
 * @throws StartError naming one that cannot
 */
export async function checkPorts(addresses: readonly Address[]): Promise<void> {
  const servers: Server[] = [];
  try {
    for (const { host, port } of addresses) {
      const server = createServer().listen({ host, port, exclusive: true });
      try {
        await once(server, 'listening');
      } catch {
        throw cannotListen(host, port);
      }
      servers.push(server);
    }
  } finally {
    await Promise.all(servers.map((server) => once(server.close(), 'close')));
  }
}

export function cannotListen(host: string, port: number): StartError {
  return new StartError(`cannot listen on ${host} port ${port}: in use or not allowed`);
}
