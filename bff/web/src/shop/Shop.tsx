// The shelf of fruit, and the form by which it is ordered.
import { useEffect, useRef, type FormEvent } from 'react'
import { useLanguage } from '../shared/language'
import { ORDER_FORM } from './fields'
import { useFruits } from './fruits'
import { OrderPanel } from './OrderPanel'
import { usePlacing } from './placing'
import { Shelf } from './Shelf'
import './shop.css'
import './order.css'
import './outcome.css'

export function Shop() {
  const { t } = useLanguage()
  const { fruits, away } = useFruits()
  const placing = usePlacing()
  const { draft, face, attempt, place, change } = placing
  const form = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (attempt) form.current?.querySelector<HTMLElement>('[aria-invalid=true]')?.focus()
  }, [attempt])
  const submit = (event: FormEvent) => {
    event.preventDefault()
    void place()
  }
  const problem = face?.kind === 'InvalidOrder' ? face.problems.fruitId : undefined
  return (
    <>
      <h1>{t('shop.title')}</h1>
      <p className="lead">{t('shop.lead')}</p>
      <div className="shop" ref={form}>
        <form id={ORDER_FORM} onSubmit={submit} noValidate>
          <Shelf fruits={fruits} away={away} chosen={draft.fruitId} problem={problem} choose={(fruitId) => change({ fruitId })} />
        </form>
        <section className="order-panel" aria-label={t('form.title')}>
          <OrderPanel placing={placing} fruit={fruits?.find(({ id }) => id === draft.fruitId)} />
        </section>
      </div>
    </>
  )
}
