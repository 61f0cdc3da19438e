// Whose draft is in view, and where it is kept: in this tab, so that it survives a reload.
import { useCallback, useEffect, useRef, useState } from 'react'
import { useSession } from '../shared/session'
import { discard, isUntouched, read, write, type Draft } from './draft'

type Whose = string | null

interface Kept {
  owner: Whose
  draft: Draft
}

/** Where a customer comes, goes or is lost: whose draft is in view then. */
export function passedOn(kept: Kept, customer: Whose, lost: Whose, storage: Storage): Kept {
  if (customer === kept.owner || (customer === null && lost === kept.owner)) return kept
  if (kept.owner !== null || customer === null || isUntouched(kept.draft)) {
    return { owner: customer, draft: read(storage, customer) }
  }
  discard(storage, null)
  write(storage, customer, kept.draft)
  return { owner: customer, draft: kept.draft }
}

/** The draft in view, whose it is, and how to change it: at once, so that it is kept before anything is sent. */
export function useDraft() {
  const { session, lostCustomer } = useSession()
  const customer = session?.customerId ?? null
  const [kept, show] = useState<Kept>(() => ({ owner: customer, draft: read(sessionStorage, customer) }))
  const latest = useRef(kept)
  const hold = useCallback((next: Kept) => {
    latest.current = next
    show(next)
  }, [])
  useEffect(() => hold(passedOn(latest.current, customer, lostCustomer, sessionStorage)), [hold, customer, lostCustomer])
  const keep = useCallback(
    (draft: Draft) => {
      write(sessionStorage, latest.current.owner, draft)
      hold({ ...latest.current, draft })
    },
    [hold],
  )
  const current = useCallback(() => latest.current.draft, [])
  return { draft: kept.draft, latest: current, keep }
}
