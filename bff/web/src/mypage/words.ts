// What is said of orders, in the page's language, whichever language they were read in.
import { createContext, useContext } from 'react'
import { dateTime } from '../shared/format'
import { useLanguage } from '../shared/language'
import { texts, type TextKey } from '../shared/texts'
import type { Order } from './list'
import type { Trouble } from './trouble'

/** The names of fruit by id, in the page's language. */
export const FruitNames = createContext<ReadonlyMap<string, string>>(new Map())

type Say = ReturnType<typeof useLanguage>['t']

const isKnown = (key: string): key is TextKey => key in texts

export function useWords() {
  const { t } = useLanguage()
  const names = useContext(FruitNames)
  const declined = (code: string) => or(`order.declined.${code}`, t('order.declined.other', { code }))
  const or = (key: string, other: string) => (isKnown(key) ? t(key) : other)
  return {
    t,
    what: ({ fruit, quantity }: Order) => t('order.what', { fruit: names.get(fruit.id) ?? fruit.name, quantity }),
    status: ({ status, statusLabel }: Order) => or(`order.status.${status}`, statusLabel),
    event: ({ type, label }: Order['history'][number]) => or(`order.event.${type}`, label),
    declined,
    note: (order: Order) => noteOn(t, declined, order),
    trouble: (trouble: Trouble) => troubleIn(t, trouble),
  }
}

function noteOn(t: Say, declined: (code: string) => string, { status, payment, delivery, cancelReason, updatedAt }: Order): string {
  switch (status) {
    case 'DELIVERED':
      return t('order.note.DELIVERED', { at: dateTime(delivery?.updatedAt ?? updatedAt) })
    case 'PAYMENT_DECLINED':
      return payment?.declineReason ? declined(payment.declineReason) : t('order.note.PAYMENT_DECLINED')
    case 'CANCELED':
      return cancelReason ? t(`order.reason.${cancelReason}`) : t('order.note.CANCELED')
    default:
      return t(`order.note.${status}`)
  }
}

function troubleIn(t: Say, trouble: Trouble): string {
  switch (trouble.kind) {
    case 'signedOut':
      return t('mypage.signedOut')
    case 'busy':
      return t(`mypage.${trouble.what}`)
    case 'behind':
      return t('mypage.stale')
    case 'bug':
      return trouble.correlationId ? `${t('mypage.bug')} ${t('mypage.correlation', { id: trouble.correlationId })}` : t('mypage.bug')
    case 'refused':
    case 'away':
      return t('mypage.away')
  }
}
