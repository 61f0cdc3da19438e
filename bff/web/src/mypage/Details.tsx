// One order with all that is known about it, at an address of its own.
import { useEffect, useState } from 'react'
import { Link } from '../shared/Link'
import { ConnectionLine } from './ConnectionLine'
import { Skeleton } from './Faces'
import { Known } from './Known'
import { ordersHeard, useOrders } from './orders'
import { readOrder } from './reading'
import { untilDone } from '../shared/patience'
import { TroubleText } from './TroubleText'
import { TroubleError, troubleOf, type Trouble } from './trouble'
import { useWords } from './words'

interface Props {
  customerId: string
  id: string
}

type Sought = { kind: 'seeking' } | { kind: 'unknown' } | Trouble

/** Read the order where it is not known yet, until there is an answer. */
function useSought({ customerId, id }: Props, known: boolean): Sought {
  const [sought, setSought] = useState<Sought>({ kind: 'seeking' })
  useEffect(() => {
    if (known) return
    const leaving = new AbortController()
    const seek = async () => {
      const order = await readOrder(id).catch((failure: unknown) => {
        const trouble = troubleOf(failure)
        if (!leaving.signal.aborted) setSought(trouble)
        throw new TroubleError(trouble)
      })
      if (order) ordersHeard(customerId, [order])
      else if (!leaving.signal.aborted) setSought({ kind: 'unknown' })
    }
    void untilDone(seek, leaving.signal)
    return () => leaving.abort()
  }, [customerId, id, known])
  return sought
}

export function Details(props: Props) {
  const { t } = useWords()
  const orders = useOrders(props.customerId)
  const order = orders.byId.get(props.id)
  const sought = useSought(props, order !== undefined)
  useEffect(() => void window.scrollTo(0, 0), [])
  return (
    <>
      <div className="mypage-head">
        <Link to="/orders" className="back">
          {t('order.back')}
        </Link>
        <ConnectionLine stale={orders.stale} />
      </div>
      {order ? <Known order={order} /> : sought.kind === 'unknown' ? <Unknown /> : <Seeking sought={sought} />}
    </>
  )
}

function Seeking({ sought }: { sought: Exclude<Sought, { kind: 'unknown' }> }) {
  return (
    <>
      {sought.kind !== 'seeking' && (
        <p className="mypage-notice" role="status">
          <TroubleText trouble={sought} again="mypage.againIn" />
        </p>
      )}
      <Skeleton cards={1} />
    </>
  )
}

function Unknown() {
  const { t } = useWords()
  return (
    <div className="face">
      <h2>{t('order.unknown')}</h2>
      <p className="soft">{t('order.unknownLead')}</p>
      <Link to="/orders" className="button">
        {t('order.back')}
      </Link>
    </div>
  )
}
