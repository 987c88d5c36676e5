import { OptionError } from './option-error.ts';
import { isLoopback, type VenueChoice } from './run/venue.ts';
import type { Scenario } from './scenarios/scenario.ts';

const SHARDS_MAX = 64;
const DURABILITIES = ['fsync', 'os', 'none'];
/** Of a venue with an admin API for us. */
const OPERATOR_OPTIONS = ['admin-url', 'admin-token', 'data-dir', 'database-url'];
const RUNNING_VENUE_OPTIONS = [...OPERATOR_OPTIONS, 'keys', 'ws-url'];

type OptionText = (name: string) => string | undefined;

/**
 * Which venue the options name. Throws `OptionError`.
 *
 * @param symbols the markets that were named
 */
export function venueOf(
  scenario: Pick<Scenario, 'name' | 'isPublicOnly'>,
  symbols: readonly string[] | undefined,
  text: OptionText,
  environment: Readonly<Record<string, string | undefined>>,
): VenueChoice {
  const url = text('url');
  const isPublicOnly = scenario.isPublicOnly === true;
  if (url === undefined) {
    if (isPublicOnly) {
      throw new OptionError(`${scenario.name} listens to what others trade: it needs --url`);
    }
    return ownVenue(symbols, text);
  }
  assertRunningVenue(url, text);
  const keysFile = text('keys');
  const named = {
    url: url.replace(/\/$/, ''),
    ...present('streamUrl', text('ws-url')),
    ...(symbols === undefined ? {} : { symbols }),
  };
  if (isPublicOnly) return { ...named, isPublicOnly };
  if (keysFile !== undefined) {
    refuse(OPERATOR_OPTIONS, text, 'is of a venue with an admin API, and --keys of one without');
    return { ...named, keysFile };
  }
  if (symbols !== undefined) {
    throw new OptionError(
      '--markets names markets that are there already: it needs --keys, the accounts that trade in them',
    );
  }
  return { ...named, ...operatedVenue(url, text, environment) };
}

function ownVenue(symbols: readonly string[] | undefined, text: OptionText): VenueChoice {
  refuse(RUNNING_VENUE_OPTIONS, text, 'is of a venue that runs: it needs --url');
  if (symbols !== undefined) {
    throw new OptionError('--markets with names is of a venue that runs: it needs --url');
  }
  const shards = text('shards');
  const durability = text('durability');
  if (shards !== undefined && !(/^\d+$/.test(shards) && +shards >= 1 && +shards <= SHARDS_MAX)) {
    throw new OptionError(
      `--shards must be a whole number from 1 to ${SHARDS_MAX}, not "${shards}"`,
    );
  }
  if (durability !== undefined && !DURABILITIES.includes(durability)) {
    throw new OptionError(
      `--durability must be one of ${DURABILITIES.join(', ')}, not "${durability}"`,
    );
  }
  return {
    ...(shards === undefined ? {} : { shards: Number(shards) }),
    ...present('durability', durability),
  };
}

function assertRunningVenue(url: string, text: OptionText): void {
  if (!/^https?:\/\/[^/]+\/?$/.test(url)) {
    throw new OptionError(`--url must be like http://127.0.0.1:8080, not "${url}"`);
  }
  const streamUrl = text('ws-url');
  if (streamUrl !== undefined && !/^wss?:\/\/[^/]+/.test(streamUrl)) {
    throw new OptionError(`--ws-url must be like ws://127.0.0.1:8080/ws, not "${streamUrl}"`);
  }
  if (text('shards') !== undefined || text('durability') !== undefined) {
    throw new OptionError(
      '--shards and --durability are for a venue that is started, not for --url',
    );
  }
}

function operatedVenue(
  url: string,
  text: OptionText,
  environment: Readonly<Record<string, string | undefined>>,
): VenueChoice {
  const adminToken = text('admin-token') ?? environment.RINGSIDE_ADMIN_TOKEN;
  const dataDirectory = text('data-dir') ?? environment.RINGSIDE_DATA_DIR;
  if (!isLoopback(url)) {
    // Nothing of a venue on this machine may be taken for another one's.
    const hasToken = (adminToken ?? dataDirectory) !== undefined;
    if (text('admin-url') === undefined || !hasToken) {
      throw new OptionError(
        '--url of another machine needs --admin-url, and --admin-token or --data-dir, since scenarios list markets and open accounts of their own by the admin API; or --keys of accounts that are there',
      );
    }
  }
  return {
    ...present('adminUrl', text('admin-url')?.replace(/\/$/, '')),
    ...present('adminToken', adminToken),
    ...present('dataDirectory', dataDirectory),
    ...present('databaseUrl', text('database-url')),
  };
}

function refuse(options: readonly string[], text: OptionText, why: string): void {
  for (const option of options) {
    if (text(option) !== undefined) throw new OptionError(`--${option} ${why}`);
  }
}

function present<Name extends string>(
  name: Name,
  value: string | undefined,
): Partial<Record<Name, string>> {
  return value === undefined ? {} : ({ [name]: value } as Partial<Record<Name, string>>);
}
