import assert from 'node:assert/strict';
import { test } from 'node:test';
import { leftOutOf } from './environment.ts';

test('a network and encryption are left out only where there are none', () => {
  const said = (url: string, isOnThisMachine: boolean): string =>
    leftOutOf({ url, isOnThisMachine }).join(' ');
  assert.match(said('http://127.0.0.1:8080', true), /^No network .* No encryption/);
  assert.match(said('http://venue.example', false), /^No encryption/);
  assert.equal(said('https://venue.example', false), '');
});
