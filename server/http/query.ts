/** The index that some clients put behind a repeated name: `marketType[0]=SPOT`. */
const INDEX_SUFFIX = /\[\d*\]$/;

/**
 * The parameters of a query string, decoded, by name. A name may be repeated or carry an index, `a=1&a=2` or
 * `a[0]=1&a[1]=2`.
 *
 * @param query the raw string without `?`
 */
export function queryValues(query: string): ReadonlyMap<string, readonly string[]> {
  const valuesByName = new Map<string, string[]>();
  for (const [rawName, value] of new URLSearchParams(query)) {
    const name = rawName.replace(INDEX_SUFFIX, '');
    const values = valuesByName.get(name);
    if (values === undefined) valuesByName.set(name, [value]);
    else values.push(value);
  }
  return valuesByName;
}
