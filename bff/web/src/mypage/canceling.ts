// Sending a cancellation once, and what came of it.
import { useRef, useState } from 'react'
import { useSession } from '../shared/session'
import type { Order } from './list'
import { ordersHeard } from './orders'
import { cancelOrder, readOrder, type CancelOutcome } from './reading'
import { troubleOf, type Trouble } from './trouble'

export type Face =
  | { kind: 'asking' | 'sending' }
  | { kind: 'outcome'; outcome: CancelOutcome }
  | { kind: 'trouble'; trouble: Trouble }

export function useCanceling(order: Order) {
  const { session } = useSession()
  const customerId = session?.customerId
  const [face, setFace] = useState<Face>({ kind: 'asking' })
  const under = useRef(false)

  const send = async () => {
    if (under.current) return
    under.current = true
    setFace({ kind: 'sending' })
    try {
      const outcome = await cancelOrder(order.id)
      setFace({ kind: 'outcome', outcome })
      if (customerId) void readAgain(customerId, outcome)
    } catch (failure) {
      setFace({ kind: 'trouble', trouble: troubleOf(failure) })
    } finally {
      under.current = false
    }
  }
  return { face, send }
}

/** The command's answer knows less than MyPage will: the read waits until MyPage shows it. */
async function readAgain(customerId: string, outcome: CancelOutcome): Promise<void> {
  if (outcome.__typename === 'OrderNotFound') return
  ordersHeard(customerId, [outcome.order])
  const order = await readOrder(outcome.order.id).catch(() => null)
  if (order) ordersHeard(customerId, [order])
}
