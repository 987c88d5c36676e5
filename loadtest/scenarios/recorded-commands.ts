import { NS_PER_MS } from '../../engine/protocol/time-units.ts';
import type { RecordedSpec } from '../flows/recorded-flow.ts';
import { RequestKind } from '../generator/request-draft.ts';
import { type Command, CommandKind, type CommandList } from '../replay/commands.ts';
import { PRICE_DECIMALS as RECORDED_DECIMALS, type RecordedDay } from '../replay/day-parser.ts';
import { PRICE_DECIMALS, QUANTITY_DECIMALS } from '../run/trading-setup.ts';

const TICK = 10 ** (RECORDED_DECIMALS - PRICE_DECIMALS);
const LOTS_PER_SHARE = 10 ** QUANTITY_DECIMALS;
/** Aggressors have no id in the recording; theirs begin above all that it gives. */
const FIRST_OWN_ID = 2 ** 31;

/** A day, or its start, as a flow and the moments of its requests. */
interface RecordedRequests {
  readonly flow: RecordedSpec;
  /** Since midnight, ascending, one for each request. */
  readonly timesMs: Float64Array;
}

/** The commands of a day that were recorded in its first `recordedSeconds`. */
export function recordedRequests(
  day: RecordedDay,
  list: CommandList,
  recordedSeconds: number,
): RecordedRequests {
  const all = timesOf(day, list);
  const endMs = (all[0] ?? 0) + recordedSeconds * 1000;
  let count = 0;
  while (count < all.length && all[count]! < endMs) count++;
  const commands = list.commands.slice(0, count);
  return { flow: flowOf(commands), timesMs: all.slice(0, count) };
}

/** A command's moment is that of the row after which its book was recorded. */
function timesOf({ messages }: RecordedDay, list: CommandList): Float64Array {
  const times = new Float64Array(list.commands.length);
  let command = 0;
  let timeMs = 0;
  for (let check = 0; check < list.checkRow.length; check++) {
    timeMs = messages.timeNs[list.checkRow[check]!]! / NS_PER_MS;
    for (; command <= list.checkCommand[check]!; command++) times[command] = timeMs;
  }
  times.fill(timeMs, command);
  return times;
}

function flowOf(commands: readonly Command[]): RecordedSpec {
  const column = <Column extends Uint8Array | Uint16Array | Uint32Array | Float64Array>(
    values: Column,
    of: (command: Command, index: number) => number,
  ): Column => {
    commands.forEach((command, index) => {
      values[index] = of(command, index);
    });
    return values;
  };
  const { length } = commands;
  return {
    kind: 'recorded',
    requestKind: column(new Uint8Array(length), ({ kind }) => requestKindOf(kind)),
    connection: column(new Uint16Array(length), ({ account }) => account),
    clientId: column(
      new Uint32Array(length),
      ({ clientId }, index) => clientId || FIRST_OWN_ID + index,
    ),
    isBid: column(new Uint8Array(length), ({ direction }) => (direction === 1 ? 1 : 0)),
    isImmediateOrCancel: column(new Uint8Array(length), ({ kind }) =>
      kind === CommandKind.PlaceIoc ? 1 : 0,
    ),
    priceTicks: column(new Float64Array(length), ({ price }) => Math.round(price / TICK)),
    quantityLots: column(new Float64Array(length), ({ size }) => size * LOTS_PER_SHARE),
  };
}

function requestKindOf(kind: CommandKind): RequestKind {
  if (kind === CommandKind.Cancel) return RequestKind.Cancel;
  return kind === CommandKind.Reduce ? RequestKind.Reduce : RequestKind.Place;
}
