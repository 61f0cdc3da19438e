// All that is known about one order.
import { useEffect, useRef, type ReactNode } from 'react'
import { toTheSecond, won } from '../shared/format'
import { FruitDrawing } from '../shop/drawings'
import { Foot, Frame, Placed, Status } from './Card'
import type { Order } from './list'
import { ProgressLine } from './ProgressLine'
import { useWords } from './words'

export function Known({ order }: { order: Order }) {
  const { t, what } = useWords()
  const title = useRef<HTMLHeadingElement>(null)
  useEffect(() => title.current?.focus({ preventScroll: true }), [])
  return (
    <Frame order={order} details>
      <div className="order-head">
        <FruitDrawing id={order.fruit.id} />
        <div className="order-row">
          <h2 id={`order-${order.id}`} tabIndex={-1} ref={title}>
            {what(order)}
          </h2>
          <Status order={order} />
        </div>
        <Placed order={order} />
      </div>
      <ProgressLine order={order} />
      <Facts order={order} />
      <h3>{t('order.history')}</h3>
      <History order={order} />
      <Foot order={order} />
    </Frame>
  )
}

function Facts({ order }: { order: Order }) {
  const { t, declined } = useWords()
  const { payment, delivery, cancelReason, unitPrice, quantity } = order
  return (
    <dl className="facts">
      <Fact name={t('order.amount')}>
        {won(order.amount)} <span className="soft">({t('order.unit', { price: won(unitPrice), quantity })})</span>
      </Fact>
      <Fact name={t('order.payment')}>{payment ? t(`order.payment.${payment.status}`) : t('order.none')}</Fact>
      {payment?.declineReason && <Fact name={t('order.whyDeclined')}>{declined(payment.declineReason)}</Fact>}
      <Fact name={t('order.delivery')}>{delivery ? t(`order.delivery.${delivery.status}`) : t('order.none')}</Fact>
      {cancelReason && <Fact name={t('order.why')}>{t(`order.reason.${cancelReason}`)}</Fact>}
      <Fact name={t('order.address')}>{order.address}</Fact>
      <Fact name={t('order.number')}>
        <span className="number">{order.id}</span>
      </Fact>
    </dl>
  )
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="fact">
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}

function History({ order }: { order: Order }) {
  const { event } = useWords()
  return (
    <ol className="history">
      {order.history.map((each) => (
        <li key={`${each.type} ${each.at}`}>
          <span>{event(each)}</span>
          <time className="soft" dateTime={each.at}>
            {toTheSecond(each.at)}
          </time>
        </li>
      ))}
    </ol>
  )
}
