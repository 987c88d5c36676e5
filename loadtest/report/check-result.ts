import type { RunResult } from '../result/run-result.ts';

const FORMAT_VERSION: RunResult['formatVersion'] = 1;

/** Not a result of a load test, or one of another version; the message is for whoever gave the file. */
export class ResultError extends Error {
  override name = 'ResultError';
  readonly code = 'BAD_RESULT';
}

/** Parses the text of a `result.json`, as the page does with a file that is dropped on it. Throws `ResultError`. */
export function parseResult(text: string, from: string): RunResult {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new ResultError(`${from} is no JSON: ${(error as Error).message}`);
  }
  const result = value as Partial<RunResult> | null;
  const isRun =
    typeof result === 'object' &&
    result !== null &&
    typeof result.environment === 'object' &&
    Array.isArray(result.scenarios);
  if (!isRun) throw new ResultError(`${from} is no result of a load test`);
  if (result.formatVersion !== FORMAT_VERSION) {
    throw new ResultError(
      `${from} has format version ${result.formatVersion}; this report reads ${FORMAT_VERSION}`,
    );
  }
  return result as RunResult;
}
