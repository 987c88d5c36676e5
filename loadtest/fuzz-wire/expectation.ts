import { Unpackr } from 'msgpackr';
import type { Answers, FrameCase, HttpAnswer, WireCase } from './wire-case.ts';

/** Null, or what is wrong with the answers to a case. */
export type Judge = (wireCase: WireCase, answers: Answers) => string | null;

const unpackr = new Unpackr({ useRecords: false, int64AsType: 'number' });
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

const STATUSES = new Set([200, 400, 401, 403, 404, 405, 409, 413, 429, 431, 501, 503, 504]);
/** Of the server's 5xx only these say that nothing is wrong with it. */
const NAMED_5XX = new Set([
  'NOT_IMPLEMENTED',
  'BUSY',
  'SHUTTING_DOWN',
  'TRADING_PAUSED',
  'TIMEOUT',
]);
/** Of the streaming subset. */
const STREAM_CODES = new Set([4002, 4003, 4006, 4008, 4029]);
const CODE = /^[A-Z][A-Z_]+$/;

/** The contract: every request gets exactly one answer, with a named code where it is refused. */
export const judge: Judge = (wireCase, answers) => {
  if (wireCase.channel === 'raw') return judgeRaw(answers.http!);
  return wireCase.channel === 'rest'
    ? judgeHttp(answers.http!, wireCase.method)
    : judgeFrame(wireCase, answers);
};

/** What is no HTTP may be closed without a word; what is answered, by HTTP. 5xx but 505 are nobody's fault but ours. */
function judgeRaw({ status, text }: HttpAnswer): string | null {
  if (text === '') return null;
  if (status === 0) return `no HTTP: ${JSON.stringify(text.slice(0, 200))}`;
  if (status < 500 || status === 505) return null;
  const code = codeIn(text.slice(text.indexOf('\r\n\r\n') + 4));
  return code !== null && NAMED_5XX.has(code) ? null : `status ${status}: ${text.slice(0, 400)}`;
}

/** Whether the answers say that nothing was done. */
export function isRefused({ frames, closed, http }: Answers): boolean {
  if (http !== null) return http.status >= 400;
  return closed !== null || (frames.length > 0 && frames.every((frame) => 'error' in frame));
}

function judgeHttp({ status, text }: HttpAnswer, method: string): string | null {
  if (method === 'HEAD') return status === 404 || status === 405 ? null : `HEAD: ${status}`;
  if (!STATUSES.has(status)) return `status ${status}: ${text.slice(0, 200)}`;
  if (status < 400 || (status === 404 && text === 'not found')) return null;
  const code = codeIn(text);
  if (code === null || !CODE.test(code)) return `${status} without a code: ${text.slice(0, 200)}`;
  return status >= 500 && !NAMED_5XX.has(code) ? `${status} ${code}` : null;
}

function codeIn(text: string): string | null {
  try {
    const { code } = JSON.parse(text) as { code?: unknown };
    return typeof code === 'string' ? code : null;
  } catch {
    return null;
  }
}

function judgeFrame(frameCase: FrameCase, { frames, closed }: Answers): string | null {
  if (closed !== null) {
    const isBroken = frameCase.channel === 'json' && !isUtf8(frameCase.bytes);
    return isBroken ? null : `the socket was closed: ${closed.code} ${closed.reason}`;
  }
  if (frames.length > 1) return `${frames.length} answers: ${JSON.stringify(frames).slice(0, 400)}`;
  const expected = expectedAnswer(frameCase);
  const answer = frames[0];
  if (answer === undefined) return expected.maySaySilence ? null : 'no answer';
  const wrong = judgeReply(answer);
  if (wrong !== null) return wrong;
  if (expected.isParseError) {
    const { code } = (answer.error ?? {}) as { code?: unknown };
    return code === 4002 && answer.id === null ? null : `no parse error: ${JSON.stringify(answer)}`;
  }
  // Half a surrogate pair may come back as it was, or as msgpack has to write it.
  const id = typeof answer.id === 'string' ? answer.id.toWellFormed() : answer.id;
  return id === expected.id ? null : `the answer is to ${JSON.stringify(answer.id)}`;
}

function judgeReply(answer: Readonly<Record<string, unknown>>): string | null {
  const { error, status } = answer;
  if (error === undefined) return 'result' in answer ? null : 'neither result nor error';
  const { code } = error as { code?: unknown };
  if (status === undefined) return STREAM_CODES.has(Number(code)) ? null : `stream error ${code}`;
  if (!STATUSES.has(Number(status)) || Number(status) < 400) return `status ${status}`;
  if (typeof code !== 'string' || !CODE.test(code)) return `code ${code}`;
  return Number(status) >= 500 && !NAMED_5XX.has(code) ? `${status} ${code}` : null;
}

interface Expected {
  readonly isParseError: boolean;
  /** A subscription without an id is silent when it succeeds. */
  readonly maySaySilence: boolean;
  readonly id: number | string | null;
}

const PARSE_ERROR: Expected = { isParseError: true, maySaySilence: false, id: null };
const ID_LENGTH_MAX = 128;

/** What the protocol says of a frame, read independently of the server. */
function expectedAnswer({ channel, bytes }: FrameCase): Expected {
  let value: unknown;
  try {
    value = channel === 'json' ? JSON.parse(utf8.decode(bytes)) : unpackr.unpack(bytes);
  } catch {
    return PARSE_ERROR;
  }
  if (Object.prototype.toString.call(value) !== '[object Object]') return PARSE_ERROR;
  const { method, id } = value as { method?: unknown; id?: unknown };
  if (typeof method !== 'string') return PARSE_ERROR;
  const isStream = method === 'SUBSCRIBE' || method === 'UNSUBSCRIBE';
  const own = usableId(id);
  return { isParseError: false, maySaySilence: isStream && own === null, id: own };
}

function usableId(id: unknown): number | string | null {
  if (typeof id === 'number') return Math.abs(id) <= Number.MAX_SAFE_INTEGER ? id : null;
  return typeof id === 'string' && id.length <= ID_LENGTH_MAX ? id.toWellFormed() : null;
}

function isUtf8(bytes: Buffer): boolean {
  try {
    utf8.decode(bytes);
    return true;
  } catch {
    return false;
  }
}
