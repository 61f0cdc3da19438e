// What the gateway has told this page by commands: reads that follow are to show no less.
const MOST = 20

let tokens: readonly string[] = []

/** Keep what a command gave; of more than 20 the oldest are forgotten. */
export function remember(token: unknown): void {
  if (typeof token === 'string' && token) tokens = [...tokens.filter((each) => each !== token), token].slice(-MOST)
}

/** Somebody else reads from now on. */
export function forget(): void {
  tokens = []
}

/** The variable consistencyToken of a read; undefined where there is nothing to wait for. */
export const consistencyToken = (): string | undefined => (tokens.length ? tokens.join(',') : undefined)
