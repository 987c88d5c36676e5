import type { SignedParameters } from './signing-strings.ts';

/** Whether some number of a JSON text may be written in another way than JavaScript prints it. */
const HAS_OTHER_FORM = /[:\s]-?(?:\d+[.eE]|\d{16})/;
const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g;
const NUMBER = /^-?\d/;

/**
 * The parameters of a body, one set of a single object or one of each in an array, with its top-level numbers as the
 * body has them: not every language prints `100.0` or `1e-7` as JavaScript does. Null when that is no other reading.
 *
 * @param text valid JSON, from which the sets were made
 */
export function numbersAsWritten(
  text: string,
  parameterSets: readonly SignedParameters[],
): SignedParameters[] | null {
  if (!HAS_OTHER_FORM.test(text)) return null;
  const numbers = readNumbers(text);
  if (numbers.length !== parameterSets.length) return null;
  return parameterSets.map((parameters, index) =>
    parameters.map(([key, value]) => [key, numbers[index]!.get(key) ?? value]),
  );
}

/** Of each object on the top level, or in an array that is: its members that are numbers, as they are written. */
function readNumbers(text: string): Map<string, string>[] {
  const objects: Map<string, string>[] = [];
  const memberDepth = text.trimStart().startsWith('[') ? 2 : 1;
  let depth = 0;
  let key = '';
  let isValue = false;
  for (const [token] of text.matchAll(TOKEN)) {
    if (token === '{' || token === '[') {
      depth++;
      if (depth === memberDepth && token === '{') objects.push(new Map());
    } else if (token === '}' || token === ']') {
      depth--;
    }
    if (depth !== memberDepth || objects.length === 0) continue;
    if (token === ':') {
      isValue = true;
    } else if (isValue) {
      // As for `JSON.parse`, the last one of a name counts.
      const members = objects.at(-1)!;
      if (NUMBER.test(token)) members.set(key, token);
      else members.delete(key);
      isValue = false;
    } else if (token.startsWith('"')) {
      key = JSON.parse(token) as string;
    }
  }
  return objects;
}
