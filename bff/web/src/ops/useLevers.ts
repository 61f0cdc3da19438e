// How the sandbox's levers stand, and pulling them.
import { useCallback, useEffect, useState } from 'react'
import { ask, RefusedError } from './api'
import type { Levers } from './levers'

const LOOK_AGAIN_MS = 5_000

export type Pulled = { done: true } | { done: false; reason: string | null }

/** Undefined levers are not known. `pull` takes what is to be other than at first. */
export function useLevers() {
  const [levers, setLevers] = useState<Levers>()
  useEffect(() => {
    const look = () => void (document.hidden || ask<Levers>('/ops/sandbox').then(setLevers, () => setLevers(undefined)))
    look()
    const timer = window.setInterval(look, LOOK_AGAIN_MS)
    return () => window.clearInterval(timer)
  }, [])
  const pull = useCallback(async (wanted: Partial<Levers>): Promise<Pulled> => {
    try {
      setLevers(await ask<Levers>('/ops/sandbox', { method: 'PUT', body: wanted }))
      return { done: true }
    } catch (error) {
      return { done: false, reason: error instanceof RefusedError ? error.message : null }
    }
  }, [])
  return { levers, pull }
}
