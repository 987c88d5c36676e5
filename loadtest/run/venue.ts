import { AdminClient } from '../client/admin-client.ts';
import { RestClient } from '../client/rest-client.ts';
import type { KeyPair } from '../client/signing.ts';
import { readSecret, VenueProcess } from '../client/venue-process.ts';
import { OptionError } from '../option-error.ts';
import type { VenueDescription } from '../result/run-result.ts';
import { readKeys } from './key-file.ts';
import { VenueUnusable } from './venue-unusable.ts';

/** Which venue to test: one that runs, or one of our own. */
export interface VenueChoice {
  readonly url?: string;
  readonly adminUrl?: string;
  readonly adminToken?: string;
  /** Data directory of a running venue, where it keeps its token and its database's address. */
  readonly dataDirectory?: string;
  readonly databaseUrl?: string;
  /** Of its websockets, where that is not `url`. */
  readonly streamUrl?: string;
  /** Of a venue without an admin API for us: a file of API keys, and the markets to trade in; all of it when absent. */
  readonly keysFile?: string;
  readonly symbols?: readonly string[];
  /** Only what everybody may ask of it is wanted: no key, no admin API. */
  readonly isPublicOnly?: boolean;
  /** Of a venue of our own. */
  readonly shards?: number;
  readonly durability?: string;
}

/** A venue that takes orders, as far as a load test must know it. */
export interface TestedVenue {
  readonly description: VenueDescription;
  readonly url: string;
  /** Where its websockets are: an address with `http` stands for `/ws` there. */
  readonly streamUrl: string;
  /** Absent, as is all of the next three, of a venue that we know by its public and private API only. */
  readonly admin?: AdminClient;
  readonly adminUrl?: string;
  readonly adminToken?: string;
  readonly databaseUrl?: string;
  /** Instead of an admin API: what there is to trade with. */
  readonly foreign?: ForeignPlace;
  /** Its clock is ours, and so are its processors. */
  readonly isOnThisMachine: boolean;
  /** Ends a venue of our own. */
  stop(): Promise<void>;
}

/** Accounts and markets that are there already, of a venue that lets us make none. */
export interface ForeignPlace {
  /** One an account. */
  readonly keys: readonly KeyPair[];
  /** Absent for all markets of the venue. */
  readonly symbols?: readonly string[];
}

/** Whether the address is of this machine's loopback interface. */
export function isLoopback(url: string): boolean {
  return /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(new URL(url).hostname);
}

/** Starts a venue, or looks at the one that was named. Throws `OptionError`, `VenueUnusable` or `VenueNotReady`. */
export async function openVenue(choice: VenueChoice): Promise<TestedVenue> {
  const { url, keysFile, isPublicOnly = false } = choice;
  if (url === undefined) return startVenue(choice);
  const isForeign = keysFile !== undefined || isPublicOnly;
  return isForeign ? reachForeign(choice, url) : reachVenue(choice, url);
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
    ...{ url, streamUrl: url, adminUrl },
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
    throw new OptionError('no admin token: --admin-token, RINGSIDE_ADMIN_TOKEN or --data-dir');
  }
  const adminUrl = choice.adminUrl ?? 'http://127.0.0.1:8081';
  const admin = new AdminClient(adminUrl, adminToken);
  const state = await admin.state().catch((error: Error) => {
    throw new VenueUnusable(
      `the venue's admin port ${adminUrl} does not let us in (${error.message}): scenarios need it for markets and accounts of their own; --admin-url and --admin-token name it, --keys does without`,
    );
  });
  const databaseUrl =
    choice.databaseUrl ?? state.databaseUrl ?? readSecret(dataDirectory, 'database-url');
  return {
    description: { url, isOwn: false, shards: state.shards.length },
    ...{ url, streamUrl: choice.streamUrl ?? url },
    ...{ adminUrl, adminToken, admin },
    ...(databaseUrl === undefined ? {} : { databaseUrl }),
    isOnThisMachine: isLoopback(url),
    stop: async () => {},
  };
}

/** A venue that is known by its public and private API only. */
async function reachForeign(choice: VenueChoice, url: string): Promise<TestedVenue> {
  const { keysFile, symbols, streamUrl = url } = choice;
  const keys = keysFile === undefined ? [] : readKeys(keysFile);
  await new RestClient(url).get('/api/v1/markets').catch((error: Error) => {
    throw new VenueUnusable(`the venue at ${url} does not answer: ${error.message}`);
  });
  return {
    description: { url, isOwn: false },
    ...{ url, streamUrl },
    foreign: { keys, ...(symbols === undefined ? {} : { symbols }) },
    isOnThisMachine: isLoopback(url),
    stop: async () => {},
  };
}
