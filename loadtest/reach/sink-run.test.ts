import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Interruption } from '../run/interruption.ts';
import { Parameters } from '../scenarios/parameters.ts';
import { reach } from '../scenarios/reach.ts';
import { measureSink } from './sink-run.ts';
import { type SinkKind, SinkVenue } from './sink-venue.ts';

const PARAMETERS = Parameters.read(reach.parameters, { connections: '3', 'warm-up': '0' });

for (const kind of ['answers at once', 'answers when it is on disk'] satisfies SinkKind[]) {
  for (const encoding of ['msgpack', 'json'] as const) {
    test(`a sink that ${kind} answers every request once, in ${encoding}`, async () => {
      const venue = await SinkVenue.start(kind);
      try {
        const load = { name: 'sink', url: venue.url, rate: 1000, seconds: 0.5, encoding };
        const { counts, spans } = await measureSink(load, PARAMETERS, {
          ...{ venue, objectives: [], interruption: new Interruption() },
          live: { update: () => {}, end: () => {} },
          keep: () => {},
        });
        assert.deepEqual([counts.sent, counts.acknowledged, counts.unknown], [500, 500, 0]);
        assert.deepEqual(counts.refused, {});
        const journaled = spans.find(({ name }) => name === 'to-journal')!;
        assert.equal(journaled.count, 500);
        assert.equal(journaled.p50Us > 0, kind === 'answers when it is on disk');
      } finally {
        await venue.stop();
      }
    });
  }
}
