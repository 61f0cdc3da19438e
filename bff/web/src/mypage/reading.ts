// Reading MyPage over HTTP, no older than what this page was told by commands. Rejects with TroubleError.
import type { TypedDocumentNode } from 'urql'
import { CancelOrderDocument, MyOrdersDocument, OrderDocument, type CancelOrderMutation } from '../gql/graphql'
import { client, operation } from '../shared/client'
import { consistencyToken } from '../shared/consistency'
import type { Order, OrdersPage } from './list'
import { TroubleError, troubleOf } from './trouble'

const FIRST = 20
const MY_ORDERS = operation(MyOrdersDocument)
const ORDER = operation(OrderDocument)
const CANCEL_ORDER = operation(CancelOrderDocument)

type Variables = Record<string, unknown>

async function asked<Data, Given extends Variables>(text: TypedDocumentNode<Data, Given>, variables: Given): Promise<Data> {
  const { data, error } = await client.query(text, variables).toPromise()
  if (error) throw new TroubleError(troubleOf(error))
  if (!data) throw new TroubleError({ kind: 'away' })
  return data
}

/** A page of my orders, and where a subscription goes on from it. */
export async function readPage(after?: string): Promise<{ page: OrdersPage; resumeFrom: string }> {
  const { myOrders } = await asked(MY_ORDERS, { first: FIRST, after, consistencyToken: consistencyToken() })
  const { edges, pageInfo, stale, resumeFrom } = myOrders
  const next = pageInfo.hasNextPage ? (pageInfo.endCursor ?? null) : null
  return { page: { orders: edges.map(({ node }) => node), next, stale }, resumeFrom }
}

/** One of my orders; null where I have no such order. */
export async function readOrder(id: string): Promise<Order | null> {
  const { order } = await asked(ORDER, { id, consistencyToken: consistencyToken() })
  return order ?? null
}

export type CancelOutcome = CancelOrderMutation['cancelOrder']

/** Cancel one of my orders; safe to be asked again. */
export async function cancelOrder(orderId: string): Promise<CancelOutcome> {
  const { data, error } = await client.mutation(CANCEL_ORDER, { orderId }).toPromise()
  if (!data || error) throw new TroubleError(troubleOf(error))
  return data.cancelOrder
}
