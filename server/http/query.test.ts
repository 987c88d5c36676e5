import assert from 'node:assert/strict';
import { test } from 'node:test';
import { QueryParameters } from './query.ts';

test('one value, repeated names and indexed names read alike', () => {
  for (const query of [
    'marketType=SPOT&marketType=PERP',
    'marketType[0]=SPOT&marketType[1]=PERP',
    'marketType%5B0%5D=SPOT&marketType%5B1%5D=PERP',
    'marketType[]=SPOT&marketType[]=PERP&other=1',
  ]) {
    const types = new QueryParameters(query).manyOf('marketType', 'MarketType', ['SPOT', 'PERP']);
    assert.deepEqual(types, ['SPOT', 'PERP'], query);
  }
  const none = new QueryParameters('');
  assert.deepEqual(none.all('marketType'), []);
  assert.equal(none.text('marketType'), undefined);
  assert.equal(new QueryParameters('a=x%20y+z').text('a'), 'x y z');
});

test('a value that is not of its kind is refused with the parameter named', () => {
  const parameters = new QueryParameters(
    'limit=7&empty=&offset=1e3&minus=-1&huge=99999999999999999',
  );
  const refused = (read: () => unknown, pattern: RegExp) =>
    assert.throws(read, (error: Error & { code?: string }) => {
      assert.equal(error.code, 'INVALID_CLIENT_REQUEST');
      assert.match(error.message, pattern);
      return true;
    });
  refused(
    () => parameters.oneOf('limit', 'DepthLimit', ['5', '10']),
    /^failed to parse parameter `limit`: failed to parse "DepthLimit": Expect a valid enumeration value\.$/,
  );
  refused(() => parameters.requiredText('symbol'), /`symbol`/);
  refused(() => parameters.requiredText('empty'), /`empty`/);
  for (const name of ['empty', 'offset', 'minus', 'huge']) {
    refused(() => parameters.integer(name, 0, Number.MAX_SAFE_INTEGER), new RegExp(`\`${name}\``));
  }
  refused(() => parameters.integer('limit', 8, 10), /from 8 to 10/);
  assert.equal(parameters.integer('limit', 7, 7), 7);
  assert.equal(parameters.integer('absent', 7, 7), undefined);
});
