// My orders, newest first, as they stand; and each in detail at an address of its own.
import { useEffect, useMemo, useRef } from 'react'
import { live } from '../shared/client'
import { useLanguage } from '../shared/language'
import { useRoute } from '../shared/route'
import { useSession } from '../shared/session'
import { useFruits } from '../shop/fruits'
import { ConnectionLine } from './ConnectionLine'
import { Details } from './Details'
import { SignedOut, Skeleton } from './Faces'
import { OrderList } from './OrderList'
import { watch } from './live'
import { forgetNews } from './news'
import { Announcements } from './Announcements'
import { ordersBelongTo } from './orders'
import { troubleIs } from './troubles'
import { FruitNames } from './words'
import './mypage.css'

export function MyPage() {
  const { session } = useSession()
  const customerId = session?.customerId ?? null
  useEffect(() => {
    if (session) belongTo(customerId)
    if (customerId) return watch(customerId)
  }, [session === undefined, customerId])
  if (!session) return <NotYet />
  return customerId ? <Mine key={customerId} customerId={customerId} /> : <SignedOut />
}

function NotYet() {
  return (
    <section className="mypage">
      <ConnectionLine stale={false} />
      <Skeleton />
    </section>
  )
}

/** Nothing of a customer stays for the next one: not even the connection, which was opened in the name of the former. */
function belongTo(customerId: string | null): void {
  if (!ordersBelongTo(customerId)) return
  forgetNews()
  troubleIs(null)
  live.terminate()
}

function Mine({ customerId }: { customerId: string }) {
  const { t } = useLanguage()
  const route = useRoute()
  const { fruits } = useFruits()
  const names = useMemo(() => new Map(fruits?.map(({ id, name }) => [id, name])), [fruits])
  const orderId = route.view === 'orders' ? route.orderId : null
  useReturn(orderId)
  return (
    <FruitNames value={names}>
      <section className="mypage" aria-label={t('mypage.title')}>
        {orderId ? <Details key={orderId} customerId={customerId} id={orderId} /> : <OrderList customerId={customerId} />}
        <Announcements />
      </section>
    </FruitNames>
  )
}

/** Whoever comes back from an order to the list is where they left it, also with the keyboard. */
function useReturn(orderId: string | null): void {
  const last = useRef(orderId)
  useEffect(() => {
    const from = last.current
    last.current = orderId
    if (from && !orderId) document.getElementById(`order-${from}`)?.querySelector('a')?.focus({ preventScroll: true })
  }, [orderId])
}
