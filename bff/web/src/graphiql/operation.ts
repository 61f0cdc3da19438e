// What is run, as the text itself says it: GraphiQL knows it only a moment after a tab was changed.
import type { FetcherParams } from '@graphiql/toolkit'
import { Kind, parse, type OperationDefinitionNode } from 'graphql'

function operationsOf(query: string): OperationDefinitionNode[] {
  try {
    return parse(query).definitions.filter((each) => each.kind === Kind.OPERATION_DEFINITION)
  } catch {
    return []
  }
}

/** The request with the name that fits its text, and whether it subscribes. What cannot be read goes as it is. */
export function understood(params: FetcherParams): { request: FetcherParams; subscribes: boolean } {
  const operations = operationsOf(params.query)
  const named = operations.find((each) => each.name?.value === params.operationName)
  const meant = operations.length === 1 ? operations[0] : named
  if (!meant) return { request: params, subscribes: false }
  return {
    request: { ...params, operationName: meant.name?.value ?? null },
    subscribes: meant.operation === 'subscription',
  }
}
