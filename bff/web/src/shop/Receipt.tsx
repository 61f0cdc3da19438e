// What was ordered, and where it can be watched.
import { Link } from '../shared/Link'
import { won } from '../shared/format'
import { useLanguage } from '../shared/language'
import { orderPath } from '../shared/route'
import { FruitDrawing } from './drawings'
import type { Order } from './outcome'
import { Panel } from './Panel'

export function Reason({ code }: { code: string }) {
  const { t } = useLanguage()
  return <>{t(code === 'card_declined' || code === 'unknown_payment_method' ? `reason.${code}` : 'reason.other')}</>
}

export function Receipt({ order }: { order: Order }) {
  const { t } = useLanguage()
  return (
    <>
      <div className="receipt" data-fruit={order.fruit.id}>
        <span className="picture">
          <FruitDrawing id={order.fruit.id} />
        </span>
        <span>
          <strong>
            {order.fruit.name} {t('form.count', { count: order.quantity })}
          </strong>
          <span className="price">{won(order.amount)}</span>
        </span>
        <span className="hint address">{order.address}</span>
      </div>
      <Link to={orderPath(order.id)} className="button primary">
        {t('outcome.watch')}
      </Link>
    </>
  )
}

/** The end of a good order, in place of the form: a second click cannot order twice. */
export function Bill({ order, more }: { order: Order; more: () => void }) {
  const { t } = useLanguage()
  return (
    <Panel kind="OrderPlaced" tone="good" title={t('outcome.placed')}>
      <p>{t('outcome.placedText')}</p>
      <Receipt order={order} />
      <button type="button" className="button" onClick={more}>
        {t('outcome.more')}
      </button>
    </Panel>
  )
}
