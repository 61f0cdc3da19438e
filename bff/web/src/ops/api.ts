// What the operators' endpoints are asked over HTTP.

export class RefusedError extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message)
  }
}

const PATIENCE_MS = 10_000

async function reasonOf(response: Response): Promise<string> {
  const said = (await response.json().catch(() => null)) as { error?: string } | null
  return said?.error ?? `${response.status}`
}

/** Ask. Rejects with RefusedError where it was refused, and with something else where nobody answered. */
export async function ask<Answer>(path: string, method = 'GET', body?: unknown): Promise<Answer> {
  const response = await fetch(path, {
    method,
    headers: { 'content-type': 'application/json' },
    body: body === undefined ? undefined : JSON.stringify(body),
    signal: AbortSignal.timeout(PATIENCE_MS),
  })
  if (!response.ok) throw new RefusedError(response.status, await reasonOf(response))
  return (await response.json()) as Answer
}
