// The order form beside the shelf, and what became of sending it.
import { useEffect, useRef, useState } from 'react'
import { won } from '../shared/format'
import { useLanguage } from '../shared/language'
import { useSession } from '../shared/session'
import { FruitDrawing } from './drawings'
import { AddressField, ORDER_FORM, PaymentField, QuantityField } from './fields'
import type { Fruit } from './fruits'
import { Outcome, type Doing } from './Outcome'
import type { Placing } from './placing'

function Chosen({ fruit }: { fruit: Fruit | undefined }) {
  const { t } = useLanguage()
  if (!fruit) return <p className="chosen none">{t('form.choose')}</p>
  return (
    <div className="chosen" data-fruit={fruit.id}>
      <span className="picture">
        <FruitDrawing id={fruit.id} />
      </span>
      <span>
        <strong>{fruit.name}</strong>
        <span className="hint">
          {t('form.each')} {won(fruit.unitPrice)}
        </span>
      </span>
    </div>
  )
}

function Total({ fruit, quantity }: { fruit: Fruit | undefined; quantity: string }) {
  const { t } = useLanguage()
  return (
    <p className="total" aria-live="polite">
      <span>{t('form.total')}</span> <strong>{won((fruit?.unitPrice ?? 0) * Number(quantity))}</strong>
    </p>
  )
}

/** Who was asked to sign in and did goes on where they were. */
function useGoingOn({ face, dismiss }: Placing, button: React.RefObject<HTMLButtonElement | null>) {
  const { session } = useSession()
  const [ready, setReady] = useState(false)
  const waiting = face?.kind === 'UNAUTHENTICATED'
  useEffect(() => {
    if (!waiting || !session?.customerId) return
    dismiss()
    setReady(true)
  }, [waiting, session?.customerId, dismiss])
  const goesOn = ready && !face
  useEffect(() => {
    if (goesOn) button.current?.focus()
  }, [goesOn, button])
  return goesOn
}

const HAVE_A_BUTTON: readonly unknown[] = ['OrderCanceled', 'PaymentUnavailable', 'RATE_LIMITED', 'SERVICE_UNAVAILABLE', 'NETWORK_FAILURE', 'INTERNAL_SERVER_ERROR', 'UNAUTHENTICATED']

export function OrderPanel({ placing, fruit }: { placing: Placing; fruit: Fruit | undefined }) {
  const { t } = useLanguage()
  const { session } = useSession()
  const button = useRef<HTMLButtonElement>(null)
  const [byItself, setByItself] = useState(false)
  const goesOn = useGoingOn(placing, button)
  const { draft, face, attempt, busy, place, change, show, dismiss } = placing
  const problems = face?.kind === 'InvalidOrder' ? face.problems : {}
  const doing: Doing = {
    attempt,
    busy,
    byItself,
    setByItself,
    show,
    again: () => void place(),
    more: () => change({ fruitId: '', quantity: '1' }),
    otherMeans: () => {
      dismiss()
      document.querySelector<HTMLInputElement>('input[name=paymentMethod]:checked')?.focus()
    },
  }
  const outcome = face && <Outcome face={face} doing={doing} />
  if (face?.kind === 'OrderPlaced' || face?.kind === 'PaymentPending') return outcome
  return (
    <>
      <h2>{t('form.title')}</h2>
      <Chosen fruit={fruit} />
      <QuantityField draft={draft} problem={problems.quantity} change={change} />
      <AddressField draft={draft} problem={problems.address} change={change} />
      <PaymentField draft={draft} problem={problems.paymentMethod} change={change} sandbox={session?.sandbox ?? false} />
      <Total fruit={fruit} quantity={draft.quantity} />
      {outcome}
      {!HAVE_A_BUTTON.includes(face?.kind) && (
        <button ref={button} type="submit" form={ORDER_FORM} className="button primary large" aria-disabled={busy}>
          {t(busy ? 'form.placing' : 'form.place')}
        </button>
      )}
      <p className="hint" role="status">
        {goesOn ? t('form.signedIn') : session && !session.customerId && !face && t('form.signInFirst')}
      </p>
    </>
  )
}
