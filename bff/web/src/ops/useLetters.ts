// The dead letters, looked at anew whenever there are more or fewer of them.
import { useCallback, useEffect, useState } from 'react'
import { ask, RefusedError } from './api'

export interface Letter {
  id: string
  hearer: string
  type: string | null
  orderId: string | null
  reason: string | null
  /** What its hearer met, as a sentence. */
  exception?: string | null
  at: string | null
  attempts: number | null
}

export type Redriven = { count: number } | { reason: string | null }

const AT_MOST = 50

export function useLetters(total: number | null | undefined) {
  const [letters, setLetters] = useState<Letter[]>([])
  const [trouble, setTrouble] = useState<{ reason: string | null }>()
  const look = useCallback(async () => {
    try {
      setLetters((await ask<{ letters: Letter[] }>(`/ops/dead-letters?first=${AT_MOST}`)).letters)
      setTrouble(undefined)
    } catch (error) {
      setTrouble(failed(error))
    }
  }, [])
  useEffect(() => {
    if (total) void look()
    else if (total === 0) setLetters([])
  }, [total, look])
  const redrive = useCallback(
    async (id: string | null): Promise<Redriven> => {
      try {
        const body = id === null ? { all: true } : { id }
        const { redriven } = await ask<{ redriven: number }>('/ops/dead-letters/redrive', { method: 'POST', body })
        return { count: redriven }
      } catch (error) {
        return failed(error)
      } finally {
        void look()
      }
    },
    [look],
  )
  return { letters, trouble, look, redrive }
}

const failed = (error: unknown) => ({ reason: error instanceof RefusedError ? error.message : null })
