import assert from 'node:assert/strict';
import { test } from 'node:test';
import { numbersAsWritten } from './json-numbers.ts';
import { bodyParameters, type SignedParameters } from './signing-strings.ts';

function asWritten(text: string): SignedParameters[] | null {
  const body: unknown = JSON.parse(text);
  const sets = Array.isArray(body)
    ? body.map((each: unknown) => bodyParameters((each ?? {}) as object))
    : [bodyParameters(body as object)];
  return numbersAsWritten(text, sets);
}

const textOf = (sets: readonly SignedParameters[] | null): string | undefined =>
  sets?.map((set) => set.map((pair) => pair.join('=')).join('&')).join(' | ');

test('numbers are read as they are written, the rest as always', () => {
  for (const [text, reading] of [
    ['{"price":100.0,"quantity": 1e-7 , "clientId":7}', 'clientId=7&price=100.0&quantity=1e-7'],
    ['{"b":"1.50","a":1.50}', 'a=1.50&b=1.50'],
    ['{\n  "a": 0.00001,\n  "n": null,\n  "f": false\n}', 'a=0.00001&f=false&n='],
    ['{"a":12345678901234567890}', 'a=12345678901234567890'],
    ['{"a":-1.0E+3}', 'a=-1.0E+3'],
    ['[{"p":1.0,"q":"2"},{"q":3,"p":2.50}]', 'p=1.0&q=2 | p=2.50&q=3'],
    // The last of a name counts.
    ['{"a":1.0,"a":2.0}', 'a=2.0'],
    ['{"a":1.0,"a":"x"}', 'a=x'],
    ['{"\\u0061":1.0}', 'a=1.0'],
    // What looks like one is none within a text, and quotes and braces do not end it.
    ['{"a":"\\"},\\"b\\": 1.0","b":2.0}', 'a="},"b": 1.0&b=2.0'],
  ] as const) {
    assert.equal(textOf(asWritten(text)), reading, text);
  }
});

test('where no number has another form there is no other reading', () => {
  for (const text of [
    ...['{}', '[]', '{"price":"100.0","clientId":7}', '{"a":[1,2]}', '[{"a":1}]'],
    '{"clientId":4294967295}',
  ]) {
    assert.equal(asWritten(text), null, text);
  }
});

test('what is nested does not lend its numbers to the level above', () => {
  const nested = asWritten('{"a":{"b":1.0},"b":2.0,"c":[{"b":3.0}],"d":4.50}');
  const numbers = Object.fromEntries(nested![0]!.filter(([key]) => key === 'b' || key === 'd'));
  assert.deepEqual(numbers, { b: '2.0', d: '4.50' });
  assert.equal(asWritten('[1.0,{"a":1.0}]'), null, 'an element that is no object');
});
