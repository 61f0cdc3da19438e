// Placing an order: one request in flight, the same key until the outcome is final.
import { useCallback, useRef, useState } from 'react'
import { PlaceOrderDocument } from '../gql/graphql'
import { orderPlaced } from '../mypage/orders'
import { client, operation } from '../shared/client'
import { t } from '../shared/language'
import { useSession } from '../shared/session'
import type { TextKey } from '../shared/texts'
import { problemsOf } from './checking'
import { randomKey } from '../shared/keys'
import { inputOf, intended, settled, type Change } from './draft'
import { useDraft } from './keeping'
import { FIELDS, faceOf, isSettled, type Face } from './outcome'

const PLACE = operation(PlaceOrderDocument)

function wrong(problems: Partial<Record<string, TextKey>>): Face {
  const said = FIELDS.flatMap((field) => (problems[field] ? [[field, t(problems[field])]] : []))
  return { kind: 'InvalidOrder', message: t('problem.summary'), problems: Object.fromEntries(said), other: false }
}

/** The face without what it said of fields that are different now; nothing where it spoke of the old content alone. */
function afterChange(face: Face | null, change: Change): Face | null {
  if (face?.kind !== 'InvalidOrder') return null
  const left = Object.entries(face.problems).filter(([field]) => !(field in change))
  return left.length ? { ...face, problems: Object.fromEntries(left) } : null
}

export function usePlacing() {
  const { draft, latest, keep } = useDraft()
  const { session } = useSession()
  const [face, setFace] = useState<Face | null>(null)
  const [attempt, setAttempt] = useState(0)
  const [busy, setBusy] = useState(false)
  const inFlight = useRef(false)

  const show = useCallback(
    (next: Face) => {
      if (isSettled(next)) keep(settled(latest()))
      if ('order' in next) orderPlaced(next.order)
      setFace(next)
      setAttempt((before) => before + 1)
    },
    [keep, latest],
  )

  async function send() {
    const { intention, ...content } = intended(latest(), randomKey)
    keep({ ...content, intention })
    const input = { ...inputOf({ ...content, intention }), idempotencyKey: intention.key }
    show(faceOf(await client.mutation(PLACE, { input }).toPromise(), navigator.onLine))
  }

  async function place() {
    if (inFlight.current) return
    const problems = problemsOf(latest())
    if (Object.keys(problems).length) return show(wrong(problems))
    if (!session?.customerId) return show({ kind: 'UNAUTHENTICATED' })
    inFlight.current = true
    setBusy(true)
    try {
      await send()
    } finally {
      inFlight.current = false
      setBusy(false)
    }
  }

  function change(to: Change) {
    if (inFlight.current) return
    keep({ ...latest(), ...to })
    setFace((before) => afterChange(before, to))
  }

  const dismiss = useCallback(() => setFace(null), [])
  return { draft, face, attempt, busy, place, change, show, dismiss }
}

export type Placing = ReturnType<typeof usePlacing>
