// Asks whether an order is to be canceled, says what happens then, and what came of it.
import { useEffect, useId, useLayoutEffect, useRef, type ReactNode } from 'react'
import { won } from '../shared/format'
import { useCanceling } from './canceling'
import type { Order } from './list'
import type { CancelOutcome } from './reading'
import type { Trouble } from './trouble'
import { TroubleText } from './TroubleText'
import { useWords } from './words'

interface Props {
  order: Order
  close: () => void
}

export function CancelDialog({ order, close }: Props) {
  const dialog = useRef<HTMLDialogElement>(null)
  const title = useId()
  const { what } = useWords()
  const { face, send } = useCanceling(order)
  const sending = face.kind === 'sending'
  useLayoutEffect(() => {
    const shown = dialog.current
    shown?.showModal()
    return () => shown?.close()
  }, [])
  return (
    <dialog
      ref={dialog}
      className="dialog"
      aria-labelledby={title}
      onClose={() => dialog.current?.open || close()}
      onCancel={(event) => sending && event.preventDefault()}
    >
      <p className="soft">{what(order)}</p>
      {face.kind === 'outcome' ? (
        <Outcome outcome={face.outcome} title={title} close={close} />
      ) : (
        <Question order={order} title={title} trouble={face.kind === 'trouble' ? face.trouble : null}>
          <button type="button" className="button" disabled={sending} onClick={close}>
            <Say text="order.cancelNo" />
          </button>
          <button type="button" className="button danger" aria-disabled={sending} onClick={() => void send()}>
            <Say text={sending ? 'order.canceling' : 'order.cancelYes'} />
          </button>
        </Question>
      )}
    </dialog>
  )
}

function Say({ text }: { text: Parameters<ReturnType<typeof useWords>['t']>[0] }) {
  return useWords().t(text)
}

const HAPPENS = {
  PAYMENT_PENDING: 'order.cancelPending',
  PAID: 'order.cancelPaid',
  DELIVERING: 'order.cancelDelivering',
} as const

const isBefore = (status: string): status is keyof typeof HAPPENS => status in HAPPENS

function Question({ order, title, trouble, children }: { order: Order; title: string; trouble: Trouble | null; children: ReactNode }) {
  const { t, status } = useWords()
  return (
    <>
      <h2 id={title}>{t('order.cancelAsk')}</h2>
      <p>
        {isBefore(order.status)
          ? t(HAPPENS[order.status], { amount: won(order.amount) })
          : t('order.standsNow', { status: status(order) })}
      </p>
      <div role="alert">{trouble && <CancelTrouble trouble={trouble} />}</div>
      <div className="buttons">{children}</div>
    </>
  )
}

function CancelTrouble({ trouble }: { trouble: Trouble }) {
  const { t } = useWords()
  if (trouble.kind === 'signedOut') return <p className="mypage-notice bad">{t('order.cancelSignedOut')}</p>
  if (trouble.kind === 'away') return <p className="mypage-notice bad">{t('order.cancelAway')}</p>
  return (
    <p className="mypage-notice bad">
      <TroubleText trouble={trouble} again="mypage.tryIn" />
    </p>
  )
}

function Outcome({ outcome, title, close }: { outcome: CancelOutcome; title: string; close: () => void }) {
  const { t } = useWords()
  const done = useRef<HTMLButtonElement>(null)
  useEffect(() => done.current?.focus(), [])
  return (
    <div data-testid="outcome" data-outcome={outcome.__typename}>
      <div role="status">
        <h2 id={title}>{t(outcome.__typename === 'OrderCanceled' ? 'order.canceled' : 'order.notCancelable')}</h2>
        <OutcomeText outcome={outcome} />
      </div>
      <div className="buttons">
        <button type="button" ref={done} className="button primary" onClick={close}>
          {t('order.close')}
        </button>
      </div>
    </div>
  )
}

function OutcomeText({ outcome }: { outcome: CancelOutcome }) {
  const { t, status } = useWords()
  switch (outcome.__typename) {
    case 'OrderCanceled':
      return <p>{t('order.canceledMoney')}</p>
    case 'OrderNotFound':
      return <p>{outcome.message}</p>
    case 'OrderNotCancelable':
      return (
        <>
          <p>{outcome.message}</p>
          <p>{t('order.standsNow', { status: status(outcome.order) })}</p>
        </>
      )
  }
}
