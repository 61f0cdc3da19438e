// Says its arguments; with "-", each line that it reads.
import { createInterface } from 'node:readline'

const said = process.argv.slice(2)
if (!said.length) throw new Error('nothing to say')
if (said[0] === '-') for await (const line of createInterface(process.stdin)) console.log(JSON.stringify({ line }))
else for (const argument of said) console.log(JSON.stringify({ argument }))
