/** Times are whole microseconds everywhere, `…Us`; these turn them into other units and back. */
export const US_PER_MS = 1000;
export const US_PER_SECOND = 1_000_000;
export const US_PER_MINUTE = 60 * US_PER_SECOND;
export const US_PER_DAY = 86_400 * US_PER_SECOND;

/** What Node measures its own thread in. */
export const NS_PER_MS = 1_000_000;
export const NS_PER_SECOND = 1_000_000_000;
