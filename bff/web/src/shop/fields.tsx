// The fields of the order form beside the shelf.
import { useLanguage } from '../shared/language'
import type { TextKey } from '../shared/texts'
import { stepped } from './checking'
import { MAX_ADDRESS, MAX_QUANTITY, type Change, type Draft } from './draft'
import { Problem, wrongness } from './Problem'

export const ORDER_FORM = 'order'

interface Props {
  draft: Draft
  problem: string | undefined
  change: (to: Change) => void
}

export function QuantityField({ draft: { quantity }, problem, change }: Props) {
  const { t } = useLanguage()
  const step = (by: number) => change({ quantity: stepped(quantity, by) })
  return (
    <div className="field">
      <label htmlFor="quantity">{t('form.quantity')}</label>
      <div className="stepper">
        <button type="button" aria-label={t('form.less')} onClick={() => step(-1)} disabled={Number(quantity) <= 1}>
          −
        </button>
        <input
          id="quantity"
          name="quantity"
          form={ORDER_FORM}
          inputMode="numeric"
          autoComplete="off"
          value={quantity}
          maxLength={4}
          onChange={(event) => change({ quantity: event.target.value.replace(/\D/g, '') })}
          {...wrongness('quantity', problem)}
        />
        <button type="button" aria-label={t('form.more')} onClick={() => step(1)} disabled={Number(quantity) >= MAX_QUANTITY}>
          +
        </button>
      </div>
      <Problem of="quantity" text={problem} />
    </div>
  )
}

const COUNTED_FROM = 150

export function AddressField({ draft: { address }, problem, change }: Props) {
  const { t } = useLanguage()
  const count = [...address.trim()].length
  return (
    <div className="field">
      <label htmlFor="address">{t('form.address')}</label>
      <textarea
        id="address"
        name="address"
        rows={2}
        autoComplete="street-address"
        placeholder={t('form.addressExample')}
        value={address}
        onChange={(event) => change({ address: event.target.value })}
        {...wrongness('address', problem)}
      />
      {count >= COUNTED_FROM && <p className="hint">{t('form.letters', { count, most: MAX_ADDRESS })}</p>}
      <Problem of="address" text={problem} />
    </div>
  )
}

interface Means {
  id: string
  name: TextKey
  test: boolean
}

const MEANS: readonly Means[] = [
  { id: 'card-ok', name: 'card.ok', test: false },
  { id: 'card-declined', name: 'card.declined', test: true },
  { id: 'card-unknown', name: 'card.unknown', test: true },
]

export function PaymentField({ draft: { paymentMethod }, problem, change, sandbox }: Props & { sandbox: boolean }) {
  const { t } = useLanguage()
  return (
    <fieldset className="field">
      <legend>{t('form.payment')}</legend>
      {MEANS.filter(({ test }) => sandbox || !test).map(({ id, name, test }) => (
        <label key={id} className="means">
          <input
            type="radio"
            name="paymentMethod"
            value={id}
            checked={paymentMethod === id}
            onChange={() => change({ paymentMethod: id })}
            {...wrongness('paymentMethod', problem)}
          />
          <span>{t(name)}</span>
          {test && <span className="tag">{t('card.test')}</span>}
        </label>
      ))}
      <Problem of="paymentMethod" text={problem} />
    </fieldset>
  )
}
