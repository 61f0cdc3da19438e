// What the operators' endpoints are asked over HTTP.

export class RefusedError extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message)
  }
}

interface Asked {
  method?: string
  body?: unknown
  /** Milliseconds that an answer may take. */
  patience?: number
}

const PATIENCE_MS = 70_000

async function reasonOf(response: Response): Promise<string> {
  const said = (await response.json().catch(() => null)) as { error?: string } | null
  return said?.error ?? `${response.status}`
}

/** Ask. Rejects with RefusedError where it was refused, and with something else where nobody answered. */
export async function ask<Answer>(path: string, { method, body, patience = PATIENCE_MS }: Asked = {}): Promise<Answer> {
  const response = await fetch(path, {
    method,
    headers: { 'content-type': 'application/json' },
    body: body === undefined ? undefined : JSON.stringify(body),
    signal: AbortSignal.timeout(patience),
  })
  if (!response.ok) throw new RefusedError(response.status, await reasonOf(response))
  return (await response.json()) as Answer
}
