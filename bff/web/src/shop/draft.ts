// What somebody is about to order, and the key that names the intention. Kept per customer; never a token.
export interface Intention {
  key: string
  content: string
}

export interface Draft {
  fruitId: string
  quantity: string
  address: string
  paymentMethod: string
  intention: Intention | null
}

export type Change = Partial<Omit<Draft, 'intention'>>

export const CARD = 'card-ok'
export const MAX_QUANTITY = 1000
export const MAX_ADDRESS = 200

export const EMPTY: Draft = { fruitId: '', quantity: '1', address: '', paymentMethod: CARD, intention: null }

const NAME = 'fruitstore.draft.'
const nameOf = (customer: string | null) => (customer === null ? `${NAME}guest` : `${NAME}of.${customer}`)

/** What would be ordered: two drafts that are equal in this are one intention. */
export function inputOf(draft: Draft) {
  return {
    fruitId: draft.fruitId,
    quantity: Number(draft.quantity),
    address: draft.address.trim(),
    paymentMethod: draft.paymentMethod,
  }
}

const contentOf = (draft: Draft) => JSON.stringify(Object.values(inputOf(draft)))

/** The draft with the key of its intention: the one that it has, or a new one where the content is another. */
export function intended(draft: Draft, newKey: () => string): Draft & { intention: Intention } {
  const content = contentOf(draft)
  const intention = draft.intention?.content === content ? draft.intention : { key: newKey(), content }
  return { ...draft, intention }
}

/** The intention has come to its end: what is ordered next is another one. */
export const settled = (draft: Draft): Draft => ({ ...draft, intention: null })

export const isUntouched = (draft: Draft) => contentOf(draft) === contentOf({ ...EMPTY, fruitId: draft.fruitId })

const isIntention = (value: unknown): value is Intention =>
  typeof value === 'object' && value !== null && 'key' in value && typeof value.key === 'string' && 'content' in value && typeof value.content === 'string'

/** The customer's draft; an empty one where there is none that can be read. */
export function read(storage: Storage, customer: string | null): Draft {
  try {
    const kept: Record<string, unknown> = { ...EMPTY, ...JSON.parse(storage.getItem(nameOf(customer)) ?? '{}') }
    const { fruitId, quantity, address, paymentMethod } = kept
    const texts = [fruitId, quantity, address, paymentMethod]
    if (!texts.every((each) => typeof each === 'string')) return EMPTY
    const intention = isIntention(kept.intention) ? kept.intention : null
    return { fruitId, quantity, address, paymentMethod, intention } as Draft
  } catch {
    return EMPTY
  }
}

/** Keep it; where the browser keeps nothing, it lives as long as the page. */
export function write(storage: Storage, customer: string | null, draft: Draft): void {
  try {
    storage.setItem(nameOf(customer), JSON.stringify(draft))
  } catch {
    return
  }
}

export function discard(storage: Storage, customer: string | null): void {
  try {
    storage.removeItem(nameOf(customer))
  } catch {
    return
  }
}
