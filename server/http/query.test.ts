import assert from 'node:assert/strict';
import { test } from 'node:test';
import { queryValues } from './query.ts';

test('one value, repeated names and indexed names read alike', () => {
  for (const query of [
    'marketType=SPOT&marketType=PERP',
    'marketType[0]=SPOT&marketType[1]=PERP',
    'marketType%5B0%5D=SPOT&marketType%5B1%5D=PERP',
    'marketType[]=SPOT&marketType[]=PERP&other=1',
  ]) {
    assert.deepEqual(queryValues(query).get('marketType'), ['SPOT', 'PERP'], query);
  }
  assert.equal(queryValues('').get('marketType'), undefined);
  assert.deepEqual(queryValues('a=x%20y+z').get('a'), ['x y z']);
});
