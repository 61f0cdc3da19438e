// One order in the list.
import { memo, type ReactNode } from 'react'
import { dateTime, won } from '../shared/format'
import { Link } from '../shared/Link'
import { useLanguage } from '../shared/language'
import { orderPath } from '../shared/route'
import { FruitDrawing } from '../shop/drawings'
import { CancelButton } from './Cancel'
import { Highlight } from './Highlight'
import type { Order } from './list'
import { ProgressLine } from './ProgressLine'
import { useWords } from './words'

/** An order's frame, with what a test needs to know of it. */
export function Frame({ order, children }: { order: Order; children: ReactNode }) {
  return (
    <article
      className="order"
      data-testid={`order-${order.id}`}
      data-version={order.version}
      data-status={order.status}
      aria-labelledby={`order-${order.id}`}
    >
      <Highlight version={order.version} />
      {children}
    </article>
  )
}

export function Status({ order }: { order: Order }) {
  const { status } = useWords()
  return <span className={`status ${order.status.toLowerCase()}`}>{status(order)}</span>
}

export const Card = memo(function Card({ order }: { order: Order }) {
  useLanguage()
  const { t, what } = useWords()
  return (
    <Frame order={order}>
      <div className="order-head">
        <FruitDrawing id={order.fruit.id} />
        <div className="order-what">
          <h2 id={`order-${order.id}`}>
            <Link to={orderPath(order.id)}>{what(order)}</Link>
          </h2>
          <p className="soft">
            <span className="visually-hidden">{t('order.placedAt')} </span>
            <time dateTime={order.placedAt}>{dateTime(order.placedAt)}</time>
          </p>
        </div>
        <div className="order-end">
          <Status order={order} />
          <p className="amount">
            <span className="visually-hidden">{t('order.amount')} </span>
            {won(order.amount)}
          </p>
        </div>
      </div>
      <ProgressLine order={order} />
      <div className="order-foot">
        <CancelButton order={order} />
      </div>
    </Frame>
  )
})
