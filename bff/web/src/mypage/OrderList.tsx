// My orders, newest first.
import { useMemo } from 'react'
import { Card } from './Card'
import { Empty, Head, Skeleton } from './Faces'
import { listed } from './list'
import { More } from './More'
import { useOrders } from './orders'

export function OrderList({ customerId }: { customerId: string }) {
  const orders = useOrders(customerId)
  const cards = useMemo(() => listed(orders), [orders])
  return (
    <>
      <Head stale={orders.stale} />
      <ul className="orders">
        {cards.map((order) => (
          <li key={order.id}>
            <Card order={order} />
          </li>
        ))}
      </ul>
      {!orders.read && <Skeleton />}
      {orders.read && cards.length === 0 && <Empty />}
      {orders.next !== null && <More customerId={customerId} next={orders.next} />}
    </>
  )
}
