// Canceling an order: the button, and the question before it.
import { useEffect, useRef, useState } from 'react'
import { CancelDialog } from './CancelDialog'
import type { Order } from './list'
import { useWords } from './words'

/** Nothing where the order cannot be canceled (any more); what came of it stays to be read until it is closed. */
export function CancelButton({ order }: { order: Order }) {
  const { t, what } = useWords()
  const [asking, setAsking] = useState(false)
  const here = useRef<HTMLSpanElement>(null)
  const asked = useRef(false)
  useEffect(() => {
    if (asked.current && !asking && !order.cancelable) focusOrder(here.current)
    asked.current = asking
  }, [asking, order.cancelable])
  return (
    <span ref={here}>
      {order.cancelable && (
        <button type="button" className="button quiet" aria-haspopup="dialog" onClick={() => setAsking(true)}>
          {t('order.cancel')}
          <span className="visually-hidden">: {what(order)}</span>
        </button>
      )}
      {asking && <CancelDialog order={order} close={() => setAsking(false)} />}
    </span>
  )
}

/** The button that had the focus is gone: the order itself has it then. */
function focusOrder(within: Element | null): void {
  within?.closest('article')?.querySelector<HTMLElement>('h1, h2 a')?.focus()
}
