/** The venue answered with a refusal, or not in its format. */
export class VenueRefusal extends Error {
  override name = 'VenueRefusal';
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(`${code}: ${message}`);
    this.status = status;
    this.code = code;
  }
}

/** Sends one HTTP request and answers the parsed JSON; a refusal becomes a `VenueRefusal`. */
export async function requestJson<Answer>(
  method: string,
  url: string,
  headers: Readonly<Record<string, string>>,
  body?: unknown,
): Promise<Answer> {
  const response = await fetch(url, {
    method,
    headers: body === undefined ? headers : { ...headers, 'Content-Type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const answer = parseJson(text);
  if (response.ok) return (answer === undefined ? text : answer) as Answer;
  const refusal = (answer ?? {}) as { code?: string; message?: string };
  throw new VenueRefusal(
    response.status,
    refusal.code ?? `HTTP_${response.status}`,
    refusal.message ?? text.slice(0, 200),
  );
}

function parseJson(text: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
