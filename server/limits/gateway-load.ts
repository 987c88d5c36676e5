import type { GatewayLoadStatus, RateLimited, SignatureStatus } from '../admin/venue-status.ts';
import type { SocketCounts } from '../ws/sessions.ts';
import type { Connections } from './connections.ts';
import type { Limits } from './limits.ts';
import type { LoadShedder } from './load-shedder.ts';

interface LoadParts {
  readonly signatureChecks: { readonly status: SignatureStatus };
  readonly limits: Limits;
  readonly connections: Connections;
  readonly shedder: LoadShedder;
  readonly websocket: { readonly connectionCount: number; readonly counts: SocketCounts };
}

/** How the gateway stands, asked of its parts anew each time. */
export class GatewayLoad implements GatewayLoadStatus {
  readonly #parts: LoadParts;

  constructor(parts: LoadParts) {
    this.#parts = parts;
  }

  get shedReason(): string | null {
    return this.#parts.shedder.reason;
  }

  get shedOrders(): number {
    return this.#parts.shedder.shedOrders;
  }

  get shedEpisodes(): number {
    return this.#parts.shedder.episodes;
  }

  get lagMs(): number {
    return this.#parts.shedder.load.lagMs;
  }

  get connections(): number {
    return this.#parts.connections.open;
  }

  get refusedConnections(): number {
    return this.#parts.connections.refused;
  }

  get websockets(): number {
    return this.#parts.websocket.connectionCount;
  }

  get bufferedBytes(): number {
    return this.#parts.websocket.counts.bufferedBytes;
  }

  get bufferedBytesMax(): number {
    return this.#parts.websocket.counts.bufferedBytesMax;
  }

  get slowConsumers(): number {
    return this.#parts.websocket.counts.slowConsumers;
  }

  get countedAddresses(): number {
    return this.#parts.limits.addressCount;
  }

  get signatures(): SignatureStatus {
    return this.#parts.signatureChecks.status;
  }

  get rateLimited(): readonly RateLimited[] {
    return this.#parts.limits.all.map(({ scope, kind, refusedCount }) => {
      return { scope, kind, refused: refusedCount };
    });
  }
}
