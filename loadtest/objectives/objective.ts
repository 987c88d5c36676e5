import { WIRE_CODES } from '../../engine/protocol/wire-codes.ts';
import type { SpanName } from '../result/run-result.ts';
import { SPAN_NAMES } from '../result/span-names.ts';

/** A statement that a scenario must make true: `ack.p99<2ms`, `errors=0`, `late<0.1%`. */
export interface Objective {
  /** As it was asked for. */
  readonly text: string;
  readonly subject: ObjectiveSubject;
  readonly operator: Operator;
  /** In `unit`. */
  readonly limit: number;
  readonly unit: Unit;
}

type ObjectiveSubject =
  | { readonly kind: 'span'; readonly span: SpanName; readonly statistic: Statistic }
  /** Acknowledged requests a second over the measured part. */
  | { readonly kind: 'rate' }
  /** Requests of a sort: how many, or with `%` the share of all that were sent. */
  | { readonly kind: 'requests'; readonly which: RequestSort }
  | { readonly kind: 'refused'; readonly code: string };

const STATISTICS = ['min', 'mean', 'p50', 'p90', 'p99', 'p99.9', 'p99.99', 'max'] as const;
export type Statistic = (typeof STATISTICS)[number];

/**
 * `errors` are the refused, the unknown, and what was not sent since a connection was lost; `late` are sends behind
 * their moment by more than a millisecond.
 */
const REQUEST_SORTS = ['errors', 'refused', 'unknown', 'late'] as const;
type RequestSort = (typeof REQUEST_SORTS)[number];

const OPERATORS = ['<=', '>=', '<', '>', '='] as const;
export type Operator = (typeof OPERATORS)[number];

/** Microseconds of a unit of time. */
export const UNIT_US = { ns: 0.001, us: 1, µs: 1, ms: 1_000, s: 1_000_000 } as const;
/** The empty unit is a plain number. */
type Unit = keyof typeof UNIT_US | '%' | '';

/** An objective that cannot be read; the message says what is possible. */
export class ObjectiveError extends Error {
  override name = 'ObjectiveError';
  readonly code = 'BAD_OBJECTIVE';
}

const FORM =
  /^(?<subject>[^\s<>=]+)\s*(?<operator><=|>=|<|>|=)\s*(?<number>\d+(?:\.\d+)?)\s*(?<unit>\D*)$/;

/** What the harness itself calls a refusal that came without a code. */
const CODELESS = /^(?:HTTP_\d{3}|STATUS_\d+|UPGRADE_REFUSED)$/;

/** Of our own venue, whose codes are known. Throws `ObjectiveError`. */
export function parseObjective(text: string): Objective {
  const objective = parseForeignObjective(text);
  const { subject } = objective;
  if (subject.kind === 'refused') assertCode(text, subject.code);
  return objective;
}

/** Of a venue that may refuse by codes that nobody here knows: any name is taken for one. Throws `ObjectiveError`. */
export function parseForeignObjective(text: string): Objective {
  // The micro sign and the Greek letter look alike, and keyboards write either.
  const parts = FORM.exec(text.trim().replaceAll('\u03bc', 'µ'))?.groups;
  if (parts === undefined) {
    throw wrong(text, `it is not of the form <what>${OPERATORS.join('|')}<number><unit>`);
  }
  const subject = subjectOf(text, parts.subject!);
  const unit = parts.unit!.trim();
  const possible = unitsOf(subject);
  if (!isOneOf(possible, unit)) {
    const named = possible.map((name) => (name === '' ? 'no unit' : name)).join(', ');
    const given = unit === '' ? 'no unit' : `the unit "${unit}"`;
    throw wrong(text, `${parts.subject} is compared in ${named}, not ${given}`);
  }
  const operator = parts.operator as Operator;
  return { text: text.trim(), subject, operator, limit: Number(parts.number), unit };
}

function subjectOf(text: string, subject: string): ObjectiveSubject {
  const dot = subject.indexOf('.');
  const name = dot < 0 ? subject : subject.slice(0, dot);
  const rest = dot < 0 ? undefined : subject.slice(dot + 1);
  // Before the spans: `refused` is a span as well, whose statistics are in small letters.
  if (name === 'refused' && rest !== undefined && /^[A-Z][A-Z0-9_]*$/.test(rest)) {
    return { kind: 'refused', code: rest };
  }
  if (rest === undefined && name === 'rate') return { kind: 'rate' };
  if (rest === undefined && isOneOf(REQUEST_SORTS, name)) return { kind: 'requests', which: name };
  if (isOneOf(SPAN_NAMES, name)) {
    if (rest !== undefined && isOneOf(STATISTICS, rest)) {
      return { kind: 'span', span: name, statistic: rest };
    }
    if (name !== 'refused') {
      throw wrong(
        text,
        `of ${name} there are ${STATISTICS.map((each) => `${name}.${each}`).join(', ')}`,
      );
    }
  }
  throw wrong(
    text,
    `"${subject}" is not measured; possible are rate, ${REQUEST_SORTS.join(', ')}, refused.<CODE>, ` +
      `and <span>.<statistic> of the spans ${SPAN_NAMES.join(', ')} and the statistics ${STATISTICS.join(', ')}`,
  );
}

/** One that never comes is always 0: an objective of a misspelt code would hold whatever happens. */
function assertCode(text: string, code: string): void {
  if (isOneOf(WIRE_CODES, code) || CODELESS.test(code)) return;
  const used = WIRE_CODES.join(', ');
  throw wrong(text, `no refusal has the code ${code}; there are ${used}`);
}

function unitsOf(subject: ObjectiveSubject): readonly Unit[] {
  if (subject.kind === 'span') return Object.keys(UNIT_US) as Unit[];
  return subject.kind === 'rate' ? [''] : ['', '%'];
}

function isOneOf<T extends string>(values: readonly T[], value: string): value is T {
  return (values as readonly string[]).includes(value);
}

function wrong(text: string, why: string): ObjectiveError {
  return new ObjectiveError(
    `objective "${text}": ${why} (examples: ack.p99<2ms, errors=0, rate>=50000, late<0.1%)`,
  );
}
