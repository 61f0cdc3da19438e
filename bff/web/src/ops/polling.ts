// Asks the gateway once a second how everything is, while somebody looks.
import { useEffect, useState } from 'react'
import { signedOut } from '../shared/session'
import { ask, RefusedError } from './api'
import { kept, type Sample } from './history'
import type { Snapshot } from './snapshot'

const EVERY_MS = 1_000
const PATIENCE_MS = 5_000

export type Trouble = 'signedOut' | 'forbidden' | 'noAnswer'

export interface Polled {
  samples: readonly Sample[]
  /** Milliseconds since 1970, by our own clock; undefined before the first answer. */
  answeredAt?: number
  trouble?: Trouble
}

function troubleOf(error: unknown): Trouble {
  if (!(error instanceof RefusedError)) return 'noAnswer'
  return error.status === 401 ? 'signedOut' : error.status === 403 ? 'forbidden' : 'noAnswer'
}

async function next({ samples, answeredAt }: Polled): Promise<Polled> {
  try {
    const snapshot = await ask<Snapshot>('/ops/state', { patience: PATIENCE_MS })
    return { samples: kept(samples, snapshot), answeredAt: Date.now() }
  } catch (error) {
    const trouble = troubleOf(error)
    if (trouble === 'signedOut') signedOut()
    return trouble === 'noAnswer' ? { samples, answeredAt, trouble } : { samples: [], trouble }
  }
}

/** Ask now and every second while somebody looks, until nobody may; returns how to stop. */
function poll(found: (polled: Polled) => void): () => void {
  let [polled, timer, asking, stopped]: [Polled, number, boolean, boolean] = [{ samples: [] }, 0, false, false]
  async function turn() {
    if (asking || stopped || document.hidden) return
    asking = true
    const begun = Date.now()
    polled = await next(polled)
    asking = false
    if (stopped) return
    found(polled)
    stopped = polled.trouble === 'signedOut' || polled.trouble === 'forbidden'
    timer = window.setTimeout(() => void turn(), Math.max(0, EVERY_MS - (Date.now() - begun)))
  }
  function seen() {
    window.clearTimeout(timer)
    void turn()
  }
  seen()
  document.addEventListener('visibilitychange', seen)
  return () => {
    stopped = true
    window.clearTimeout(timer)
    document.removeEventListener('visibilitychange', seen)
  }
}

/** What is known; begun anew for whoever signs in, and not asked for while it is not known who that is. */
export function usePolled(customerId: string | null | undefined): Polled {
  const [polled, setPolled] = useState<Polled>({ samples: [] })
  useEffect(() => {
    setPolled(customerId === null ? { samples: [], trouble: 'signedOut' } : { samples: [] })
    return customerId ? poll(setPolled) : undefined
  }, [customerId])
  return polled
}
