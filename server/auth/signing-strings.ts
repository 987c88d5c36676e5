/** Request parameters sorted by key, values as the client wrote them. */
export type SignedParameters = readonly (readonly [key: string, value: string])[];

/**
 * The texts a client may have signed for one request, most likely first, without repetitions. Clients
 * differ in percent-encoding: some sign keys and values encoded per RFC 3986, others raw. A batch has
 * one parameter set per order, each behind its own `instruction=`; everything else has exactly one.
 *
 * Invariant: no text is one of two requests that differ in instruction, keys or values. So a raw reading that could
 * be taken apart in another way, or be an encoded one, is none; and what cannot be written in UTF-8, or has a parameter
 * `instruction`, has no reading at all.
 */
export function signingStrings(
  instruction: string,
  parameterSets: readonly SignedParameters[],
  timestamp: string,
  window: string,
): string[] {
  const end = `timestamp=${timestamp}&window=${window}`;
  let encoded = '';
  let raw = '';
  for (const parameters of parameterSets) {
    encoded += `instruction=${instruction}&`;
    raw += `instruction=${instruction}&`;
    for (const [key, value] of parameters) {
      if (key === 'instruction') return [];
      encoded += `${encodeRfc3986(key)}=${encodeRfc3986(value)}&`;
      raw += `${key}=${value}&`;
    }
  }
  if (encoded === raw) return [encoded + end];
  if (!raw.isWellFormed()) return [];
  return isPlainlyRaw(parameterSets) ? [encoded + end, raw + end] : [encoded + end];
}

/** Whether the raw reading tells where each key and value ends, and that they are not encoded. */
function isPlainlyRaw(parameterSets: readonly SignedParameters[]): boolean {
  return parameterSets.every((parameters) =>
    parameters.every(([key, value]) => !RAW_KEY_CLASH.test(key) && !RAW_VALUE_CLASH.test(value)),
  );
}

const RAW_KEY_CLASH = /[&=]|%[0-9A-Fa-f]{2}/;
const RAW_VALUE_CLASH = /&|%[0-9A-Fa-f]{2}/;

/** Far beyond any request, and what names of nested members may add up to. */
const TEXT_LENGTH_MAX = 2 ** 18;

/**
 * The members of a JSON body, the top level sorted; numbers read as JavaScript prints them, null as
 * nothing, and what is nested by its path, in its own order: `{a: {b: [5]}}` as `a[b][0]=5`.
 *
 * @throws RangeError when that is too deep or too long
 */
export function bodyParameters(body: object): SignedParameters {
  const parameters: [string, string][] = [];
  let length = 0;
  const add = (name: string, value: unknown): void => {
    if (typeof value === 'object' && value !== null) {
      for (const key of Object.keys(value)) {
        add(`${name}[${key}]`, (value as Record<string, unknown>)[key]);
      }
      return;
    }
    const text = value === null ? '' : String(value);
    length += name.length + text.length;
    if (length > TEXT_LENGTH_MAX) throw new RangeError('the members are too long to be signed');
    parameters.push([name, text]);
  };
  for (const [key, value] of sortByKey(Object.entries(body))) add(key, value);
  return parameters;
}

/** The decoded parameters of a raw query string, or null when its percent-encoding is broken. */
export function queryParameters(query: string): SignedParameters | null {
  const parameters: [string, string][] = [];
  for (const pair of query.split('&')) {
    if (pair === '') continue;
    const equals = pair.indexOf('=');
    const key = decodeComponent(equals < 0 ? pair : pair.slice(0, equals));
    const value = equals < 0 ? '' : decodeComponent(pair.slice(equals + 1));
    if (key === null || value === null) return null;
    parameters.push([key, value]);
  }
  return sortByKey(parameters);
}

function sortByKey<Value>(parameters: [string, Value][]): [string, Value][] {
  return parameters.sort(([left], [right]) => (left < right ? -1 : left > right ? 1 : 0));
}

const UNRESERVED = /^[A-Za-z0-9_.~-]*$/;

/** `encodeURIComponent` leaves five characters alone that RFC 3986 reserves. */
function encodeRfc3986(text: string): string {
  if (UNRESERVED.test(text)) return text;
  return encodeURIComponent(text.toWellFormed()).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function decodeComponent(text: string): string | null {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return null;
  }
}
