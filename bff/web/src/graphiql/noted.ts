// What was answered last, for the tabs of the story that go on from there.

interface Noted {
  orderId?: string
  after?: string
}

let noted: Noted = {}

interface Answer {
  data?: {
    placeOrder?: { order?: { id?: string } }
    myOrders?: { pageInfo?: { endCursor?: string | null } }
  } | null
}

/** Keep what later tabs need of an answer; the answer is given back as it is. */
export function note<Whole>(answer: Whole): Whole {
  const data = (answer as Answer | null)?.data
  noted = {
    orderId: data?.placeOrder?.order?.id ?? noted.orderId,
    after: data?.myOrders?.pageInfo?.endCursor ?? noted.after,
  }
  return answer
}

/** Variables with what was noted in place of what is left empty. */
export function filledIn(variables: string, known: Noted = noted): string {
  return Object.entries(known).reduce(
    (text, [name, value]) =>
      value ? text.replace(new RegExp(`("${name}"\\s*:\\s*)(""|null)`), `$1${JSON.stringify(value)}`) : text,
    variables,
  )
}
