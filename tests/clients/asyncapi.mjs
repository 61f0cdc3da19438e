// AsyncAPI documents, read as their own parser reads them: what it has against each. Arguments: files.
import { readFileSync } from 'node:fs'
import { Parser } from '@asyncapi/parser'

const ERROR = 0
for (const file of process.argv.slice(2)) {
  const { document, diagnostics } = await new Parser().parse(readFileSync(file, 'utf8'))
  const errors = diagnostics.filter(({ severity }) => severity === ERROR)
  console.log(JSON.stringify({ file, channels: document?.channels().all().length ?? 0, errors }))
}
