import { connect, createServer, type Server, type Socket } from 'node:net';

/**
 * What a proxy does with bytes on their way: true passes them on, false cuts the connection instead,
 * and 'last' cuts it as soon as they are passed on.
 */
type Verdict = boolean | 'last';

export interface ProxyRules {
  toServer?(bytes: Buffer): Verdict;
  toClient?(bytes: Buffer): Verdict;
}

/** Stands between a client and a server on loopback, at a port that stays while the server's changes. */
export class TcpProxy {
  rules: ProxyRules = {};
  targetPort: number;
  connectionCount = 0;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(targetPort: number) {
    this.targetPort = targetPort;
    this.#server = createServer((client) => this.#accept(client));
  }

  static async start(targetPort: number): Promise<TcpProxy> {
    const proxy = new TcpProxy(targetPort);
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  /** `url` with the proxy's port in the place of the server's. */
  through(url: string): string {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('not listening');
    const changed = new URL(url);
    changed.port = String(address.port);
    return changed.href;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #accept(client: Socket): void {
    this.connectionCount++;
    const server = connect(this.targetPort, '127.0.0.1');
    const cut = () => {
      client.destroy();
      server.destroy();
    };
    for (const socket of [client, server]) {
      this.#sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('error', cut);
      socket.on('close', () => {
        this.#sockets.delete(socket);
        cut();
      });
    }
    const pass = (bytes: Buffer, target: Socket, verdict: Verdict) => {
      if (verdict === false) cut();
      else target.write(bytes, verdict === 'last' ? cut : undefined);
    };
    client.on('data', (bytes) => pass(bytes, server, this.rules.toServer?.(bytes) ?? true));
    server.on('data', (bytes) => pass(bytes, client, this.rules.toClient?.(bytes) ?? true));
  }
}
