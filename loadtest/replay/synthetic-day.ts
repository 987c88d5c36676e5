import { parseAdjustments, parseBooks, parseMessages, type RecordedDay } from './day-parser.ts';

/**
 * A small day for tests, written by hand in the recording's own format: an initial book by adjust rows,
 * a sweep over two levels with a hidden execution inside, an aggressor whose rest comes to rest and is
 * hit later, partial cancel, delete, and an adjusted level that places its ids again.
 */
const SYNTHETIC_MESSAGES = `1.000000001,1,10,5,1000100,-1
1.000000002,4,10,5,1000100,-1
1.000000002,5,0,3,1000150,-1
1.000000002,4,1,4,1000200,-1
1.000000003,2,2,2,999900,1
1.000000004,4,2,3,999900,1
1.000000004,1,11,6,999900,-1
1.000000005,4,11,2,999900,-1
1.000000006,3,11,4,999900,-1
1.000000007,1,12,1,999800,1
`;

const SYNTHETIC_BOOKS = `1000100,5,999900,5
1000200,6,999900,5
1000200,6,999900,5
1000200,2,999900,5
1000200,2,999900,3
1000200,2,999700,9
999900,6,999700,9
999900,4,999700,9
1000200,2,999700,9
1000200,2,999800,1
`;

const SYNTHETIC_ADJUST = `1,1,999900,2,5
1,-1,1000200,1,4
1,-1,1000200,3,2
5,1,999700,4,9
10,1,999700,4,3
10,1,999700,5,6
`;

export function syntheticDay(): RecordedDay {
  const messages = parseMessages(Buffer.from(SYNTHETIC_MESSAGES));
  return {
    messages,
    books: parseBooks(Buffer.from(SYNTHETIC_BOOKS), messages.rows),
    adjustments: parseAdjustments(Buffer.from(SYNTHETIC_ADJUST)),
    exceptions: new Set(),
  };
}
