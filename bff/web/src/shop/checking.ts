// What can be said to be wrong with a draft before it is sent; the gateway has the last word.
import type { TextKey } from '../shared/texts'
import { inputOf, MAX_ADDRESS, MAX_QUANTITY, type Draft } from './draft'
import type { Field } from './outcome'

/** What is wrong, by field, as texts' keys; empty where nothing is. */
export function problemsOf(draft: Draft): Partial<Record<Field, TextKey>> {
  const { fruitId, quantity, address, paymentMethod } = inputOf(draft)
  const letters = [...address].length
  return {
    ...(!fruitId && { fruitId: 'form.choose' }),
    ...(!(Number.isInteger(quantity) && quantity >= 1 && quantity <= MAX_QUANTITY) && { quantity: 'problem.quantity' }),
    ...(letters === 0 && { address: 'problem.required' }),
    ...(letters > MAX_ADDRESS && { address: 'problem.address' }),
    ...(!paymentMethod && { paymentMethod: 'problem.required' }),
  }
}

/** A quantity that can be ordered, so many more; what is no number counts as none. */
export function stepped(quantity: string, by: number): string {
  const now = Number.parseInt(quantity, 10)
  return String(Math.min(MAX_QUANTITY, Math.max(1, (Number.isNaN(now) ? 0 : now) + by)))
}
