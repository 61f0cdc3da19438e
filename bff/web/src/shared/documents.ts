// The texts of our operations, as the manifest of trusted documents has them: a gateway that takes no others takes these.
import { gql, type TypedDocumentNode } from 'urql'
import type { TypedDocumentString } from '../gql/graphql'
import manifest from '../gql/persisted-documents.json'

const trusted: Record<string, string> = manifest

/** What is sent for a generated operation. */
export function textOf<Data, Variables>(document: TypedDocumentString<Data, Variables>): string {
  const hash: unknown = document.__meta__?.hash
  return (typeof hash === 'string' && trusted[hash]) || document.toString()
}

/** A generated operation, as urql takes it. */
export function operation<Data, Variables>(document: TypedDocumentString<Data, Variables>) {
  return gql(textOf(document)) as TypedDocumentNode<Data, Variables & Record<string, unknown>>
}
