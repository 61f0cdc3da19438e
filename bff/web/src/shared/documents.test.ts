import { stringifyDocument } from '@urql/core'
import { parse, print } from 'graphql'
import { expect, test } from 'vitest'
import * as generated from '../gql/graphql'
import manifest from '../gql/persisted-documents.json'
import { operation } from './documents'

const trusted = new Set(Object.values(manifest as Record<string, string>).map((text) => print(parse(text))))
const operations = Object.entries(generated).filter(([name]) => name.endsWith('Document'))

test('there are operations', () => expect(operations.length).toBe(trusted.size))

test.each(operations)('%s is sent as the manifest has it, save for spaces', (_, document) => {
  const sent = stringifyDocument(operation(document as generated.TypedDocumentString<unknown, unknown>))
  expect(trusted).toContain(print(parse(sent)))
})
