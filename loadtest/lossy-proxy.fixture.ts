import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/**
 * Stands between clients and a venue, and can keep what the venue says, and end connections, as a broken network
 * does.
 */
export class LossyProxy {
  readonly url: string;
  readonly #server: Server;
  readonly #pairs: (readonly [client: Socket, venue: Socket])[] = [];

  private constructor(server: Server) {
    this.#server = server;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  static async start(venueUrl: string): Promise<LossyProxy> {
    const { hostname, port } = new URL(venueUrl);
    const server = createServer((client) => {
      const venue = connect(Number(port), hostname);
      for (const socket of [client, venue]) socket.on('error', () => {});
      client.pipe(venue);
      venue.pipe(client);
      proxy.#pairs.push([client, venue]);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const proxy = new LossyProxy(server);
    return proxy;
  }

  /** What the venue says to the connection, counted from 0, is lost from here on. */
  loseReplies(connection: number): void {
    const [client, venue] = this.#pairs[connection]!;
    venue.unpipe(client);
    venue.resume();
  }

  /** Both ends are gone. */
  kill(connection: number): void {
    for (const socket of this.#pairs[connection]!) socket.destroy();
  }

  close(): void {
    for (const connection of this.#pairs.keys()) this.kill(connection);
    this.#server.close();
  }
}
