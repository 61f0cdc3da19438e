// The whole story, a tab each: what to run first, second, and so on.
import type { GraphiQLProps } from 'graphiql'

type Tabs = NonNullable<GraphiQLProps['defaultTabs']>

const FRUITS = `# 1. 과일과 오늘의 값. 로그인하지 않아도 됩니다.
#    The fruit on sale, with today's price. Nobody has to sign in for it.
query Fruits {
  fruits {
    id
    name(locale: KO)
    english: name(locale: EN)
    unitPrice
  }
}
`

const PLACE = `# 2. 주문하기. 먼저 위에서 로그인하세요. 무엇을 주문할지는 아래 Variables 탭에 있습니다.
#    Order fruit. Sign in above first. What to order is in the Variables tab below.
#    "card-declined"로 결제하면 거절됩니다. Pay with "card-declined" and it is declined.
mutation PlaceOrder($input: PlaceOrderInput!) {
  placeOrder(input: $input) {
    __typename
    ... on OrderPlaced {
      order { id statusLabel amount }
      consistencyToken
    }
    ... on PaymentPending {
      message
      order { id statusLabel }
    }
    ... on PaymentDeclined {
      message
      reason
      order { id statusLabel }
    }
    ... on PaymentUnavailable {
      message
      retryAfterMs
    }
    ... on InvalidOrder {
      message
      problems { field message }
    }
  }
}
`

const PLACE_VARIABLES = `{
  "input": {
    "fruitId": "apple",
    "quantity": 3,
    "address": "서울시 종로구 사과길 1",
    "paymentMethod": "card-ok"
    // 같은 키는 같은 주문입니다. The same key is the same order, however often it is sent.
    // , "idempotencyKey": "my-first-order"
  }
}`

const WATCH = `# 3. 주문 하나 지켜보기. 지금 상태가 먼저 오고, 바뀔 때마다 또 옵니다. 멈추려면 다시 누르세요.
#    Watch one order: how it stands now, then each change. Press again to stop.
#    탭을 바꾸면 멈추므로, 취소까지 지켜보려면 이 페이지를 창 두 개로 여세요.
#    Changing tabs stops it: to see it canceled, open this page in a second window.
subscription OrderStatus($orderId: ID!) {
  orderStatus(orderId: $orderId) {
    version
    status
    statusLabel
    cancelable
    history { label at }
  }
}
`

const ORDER_VARIABLES = `{
  // 비어 있으면 방금 넣은 주문이 들어갑니다. Where it is empty, the order placed last is filled in.
  "orderId": ""
}`

const WATCH_ALL = `# 4. 내 모든 주문의 변화. 새로 주문하면 여기에도 보입니다.
#    Every change to any of my orders. Place one in another window, and it shows here.
subscription MyOrderUpdates {
  myOrderUpdates {
    id
    version
    statusLabel
    fruit { name }
    quantity
    updatedAt
  }
}
`

const CANCEL = `# 5. 주문 취소. 결제한 돈은 돌려주고 배송은 멈춥니다.
#    Cancel it: what was paid is given back, and the delivery is stopped.
mutation CancelOrder($orderId: ID!) {
  cancelOrder(orderId: $orderId) {
    __typename
    ... on OrderCanceled {
      order { id statusLabel cancelReason }
      consistencyToken
    }
    ... on OrderNotCancelable {
      message
      order { id statusLabel }
    }
    ... on OrderNotFound {
      message
    }
  }
}
`

const page = (name: string, comment: string) => `${comment}
query ${name}($first: Int, $after: String) {
  myOrders(first: $first, after: $after) {
    edges {
      cursor
      node { id statusLabel fruit { name } quantity amount placedAt }
    }
    pageInfo { hasNextPage endCursor }
  }
}
`

const FIRST_PAGE = page(
  'MyOrders',
  `# 6. 내 주문, 새것부터 두 건씩.
#    My orders, newest first, two a page.`,
)

const SECOND_PAGE = page(
  'MyOrdersPage2',
  `# 7. 그다음 두 건: 앞 탭의 답에 있는 endCursor를 after로 보냅니다.
#    The two after those: endCursor of the answer in the tab before, sent as after.`,
)

const SECOND_PAGE_VARIABLES = `{
  "first": 2,
  // 비어 있으면 앞 탭의 endCursor가 들어갑니다. Where it is null, endCursor of the tab before is filled in.
  "after": null
}`

export const story: Tabs = [
  { query: FRUITS },
  { query: PLACE, variables: PLACE_VARIABLES },
  { query: WATCH, variables: ORDER_VARIABLES },
  { query: WATCH_ALL },
  { query: CANCEL, variables: ORDER_VARIABLES },
  { query: FIRST_PAGE, variables: '{ "first": 2 }' },
  { query: SECOND_PAGE, variables: SECOND_PAGE_VARIABLES },
]
