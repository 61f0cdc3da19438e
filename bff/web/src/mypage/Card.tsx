// One order in the list, and the parts that its details have as well.
import { memo, type ReactNode } from 'react'
import { dateTime, won } from '../shared/format'
import { Link } from '../shared/Link'
import { orderPath } from '../shared/route'
import { FruitDrawing } from '../shop/drawings'
import { CancelButton } from './Cancel'
import { Highlight } from './Highlight'
import type { Order } from './list'
import { ProgressLine } from './ProgressLine'
import { useWords } from './words'

interface Props {
  order: Order
}

/** An order's frame, with what a test needs to know of it. */
export function Frame({ order, details = false, children }: Props & { details?: boolean; children: ReactNode }) {
  return (
    <article
      className={details ? 'order details' : 'order'}
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

export function Status({ order }: Props) {
  const { status } = useWords()
  return <span className={`status ${order.status.toLowerCase()}`}>{status(order)}</span>
}

/** When it was placed, and for how much. */
export function Placed({ order }: Props) {
  const { t } = useWords()
  return (
    <div className="order-row">
      <p className="soft">
        <span className="visually-hidden">{t('order.placedAt')} </span>
        <time dateTime={order.placedAt}>{dateTime(order.placedAt)}</time>
      </p>
      <p className="amount">
        <span className="visually-hidden">{t('order.amount')} </span>
        {won(order.amount)}
      </p>
    </div>
  )
}

/** How it stands in a sentence, and what can be done about it. */
export function Foot({ order }: Props) {
  const { note } = useWords()
  return (
    <div className="order-foot">
      <p className="soft">{note(order)}</p>
      <CancelButton order={order} />
    </div>
  )
}

export const Card = memo(function Card({ order }: Props) {
  const { what } = useWords()
  return (
    <Frame order={order}>
      <div className="order-head">
        <FruitDrawing id={order.fruit.id} />
        <div className="order-row">
          <h2 id={`order-${order.id}`}>
            <Link to={orderPath(order.id)}>{what(order)}</Link>
          </h2>
          <Status order={order} />
        </div>
        <Placed order={order} />
      </div>
      <ProgressLine order={order} />
      <Foot order={order} />
    </Frame>
  )
})
