import { AdminClient } from '../client/admin-client.ts';
import { readSecret, VenueProcess } from '../client/venue-process.ts';
import type { VenueDescription } from '../result/run-result.ts';

/** Which venue to test: one that runs, or one of our own. */
export interface VenueChoice {
  readonly url?: string;
  readonly adminUrl?: string;
  readonly adminToken?: string;
  /** Data directory of a running venue, where it keeps its token and its database's address. */
  readonly dataDirectory?: string;
  readonly databaseUrl?: string;
  /** Of a venue of our own. */
  readonly shards?: number;
  readonly durability?: string;
}

/** A venue that takes orders, as far as a load test must know it. */
export interface TestedVenue {
  readonly description: VenueDescription;
  readonly url: string;
  readonly adminUrl: string;
  readonly adminToken: string;
  readonly admin: AdminClient;
  readonly databaseUrl?: string;
  /** Its clock is ours, and so are its processors. */
  readonly isOnThisMachine: boolean;
  /** Ends a venue of our own. */
  stop(): Promise<void>;
}

/** Whether the address is of this machine's loopback interface. */
export function isLoopback(url: string): boolean {
  return /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(new URL(url).hostname);
}

/** The venue cannot be used; the message is the one line for the user. */
export class VenueUnusable extends Error {
  override name = 'VenueUnusable';
}

/** Starts a venue, or looks at the one that was named. Throws `VenueUnusable` or `VenueNotReady`. */
export async function openVenue(choice: VenueChoice): Promise<TestedVenue> {
  return choice.url === undefined ? startVenue(choice) : reachVenue(choice, choice.url);
}

async function startVenue({ shards, durability }: VenueChoice): Promise<TestedVenue> {
  const venue = await VenueProcess.start({
    ...(shards === undefined ? {} : { shards }),
    environment: { RINGSIDE_DURABILITY: durability ?? 'fsync' },
    isDetached: true,
  });
  const { url, adminUrl } = venue.ready;
  const { databaseUrl } = venue;
  return {
    description: {
      url,
      isOwn: true,
      shards: venue.ready.shards,
      durability: venue.ready.durability,
    },
    url,
    adminUrl,
    adminToken: venue.adminToken,
    admin: new AdminClient(adminUrl, venue.adminToken),
    ...(databaseUrl === undefined ? {} : { databaseUrl }),
    isOnThisMachine: true,
    stop: async () => {
      await venue.stop();
    },
  };
}

/** What is not named is that of a venue with the default settings on this machine; see `parseOptions`. */
async function reachVenue(choice: VenueChoice, url: string): Promise<TestedVenue> {
  const { dataDirectory = './data' } = choice;
  const adminToken = choice.adminToken ?? readSecret(dataDirectory, 'admin-token');
  if (adminToken === undefined) {
    throw new VenueUnusable('no admin token: --admin-token, RINGSIDE_ADMIN_TOKEN or --data-dir');
  }
  const adminUrl = choice.adminUrl ?? 'http://127.0.0.1:8081';
  const admin = new AdminClient(adminUrl, adminToken);
  const state = await admin.state().catch((error: Error) => {
    throw new VenueUnusable(
      `the venue's admin port ${adminUrl} does not let us in (${error.message}): scenarios need it for markets and accounts of their own; --admin-url and --admin-token name it`,
    );
  });
  const databaseUrl =
    choice.databaseUrl ?? state.databaseUrl ?? readSecret(dataDirectory, 'database-url');
  return {
    description: { url, isOwn: false, shards: state.shards.length },
    url,
    adminUrl,
    adminToken,
    admin,
    ...(databaseUrl === undefined ? {} : { databaseUrl }),
    isOnThisMachine: isLoopback(url),
    stop: async () => {},
  };
}
