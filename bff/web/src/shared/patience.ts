// Asking with an end to it, and asking again until there is an answer.
const FIRST_PAUSE_MS = 1000
const LONGEST_PAUSE_MS = 10_000

/** fetch that gives up after so many milliseconds, with a TimeoutError. */
export const patient =
  (milliseconds: number): typeof fetch =>
  (input, init = {}) => {
    const enough = AbortSignal.timeout(milliseconds)
    return fetch(input, { ...init, signal: init.signal ? AbortSignal.any([init.signal, enough]) : enough })
  }

/** So many milliseconds; less where the network comes back, or the signal ends it. */
export function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve()
    const timer = setTimeout(resolve, milliseconds)
    const now = () => (clearTimeout(timer), resolve())
    window.addEventListener('online', now, { once: true, signal })
    signal.addEventListener('abort', now, { once: true })
  })
}

/** Try until it succeeds or the signal ends it; `failed` hears of each failure. Pauses grow from 1 s to 10 s. */
export async function untilDone(
  work: () => Promise<unknown>,
  signal: AbortSignal,
  failed: () => void = () => {},
): Promise<void> {
  for (let milliseconds = FIRST_PAUSE_MS; !signal.aborted; milliseconds = Math.min(milliseconds * 2, LONGEST_PAUSE_MS)) {
    try {
      await work()
      return
    } catch {
      if (!signal.aborted) failed()
    }
    await pause(milliseconds * (0.75 + Math.random() / 2), signal)
  }
}
