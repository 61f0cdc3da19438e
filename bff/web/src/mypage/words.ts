// What is said of orders, in the page's language, whichever language they were read in.
import { createContext, useContext } from 'react'
import { useLanguage } from '../shared/language'
import { texts, type TextKey } from '../shared/texts'
import type { Order } from './list'
import type { Trouble } from './trouble'

/** The names of fruit by id, in the page's language. */
export const FruitNames = createContext<ReadonlyMap<string, string>>(new Map())

const isKnown = (key: string): key is TextKey => key in texts

export function useWords() {
  const { t } = useLanguage()
  const names = useContext(FruitNames)
  const or = (key: string, other: string) => (isKnown(key) ? t(key) : other)
  return {
    t,
    what: ({ fruit, quantity }: Order) => t('order.what', { fruit: names.get(fruit.id) ?? fruit.name, quantity }),
    status: ({ status, statusLabel }: Order) => or(`order.status.${status}`, statusLabel),
    event: ({ type, label }: Order['history'][number]) => or(`order.event.${type}`, label),
    declined: (code: string) => or(`order.declined.${code}`, t('order.declined.other', { code })),
    trouble: (trouble: Trouble) => troubleIn(t, trouble),
  }
}

function troubleIn(t: ReturnType<typeof useLanguage>['t'], trouble: Trouble): string {
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
