// An order whose payment was not answered in time, watched until it is.
import { useEffect, useState } from 'react'
import { OrderStatusDocument } from '../gql/graphql'
import { client, operation } from '../shared/client'
import { ofOrder, type Face } from './outcome'

const STATUS = operation(OrderStatusDocument)

/** Shows what became of the order as soon as it is known; true where it cannot be heard of. */
export function useSettling(face: Face & { kind: 'PaymentPending' }, show: (face: Face) => void): boolean {
  const [away, setAway] = useState(false)
  const { order, consistencyToken } = face
  useEffect(() => {
    const watched = client
      .subscription(STATUS, { orderId: order.id, lastVersion: order.version, consistencyToken })
      .subscribe(({ data, error }) => {
        setAway(Boolean(error))
        const next = data && ofOrder(data.orderStatus)
        if (next) show(next)
      })
    return () => watched.unsubscribe()
  }, [order.id, order.version, consistencyToken, show])
  return away
}
