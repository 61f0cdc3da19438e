// Apollo Client subscribes by HttpLink, and says what it meets. Arguments: the address, an operation, and tokens:
// each request takes the next of them, and the last for ever. Ends with the operation, or where its input ends.
import { ApolloClient, ApolloLink, HttpLink, InMemoryCache, gql } from '@apollo/client'
import { SetContextLink } from '@apollo/client/link/context'
import { RetryLink } from '@apollo/client/link/retry'

const [url, operation, ...tokens] = process.argv.slice(2)
const say = (what) => console.log(JSON.stringify(what))
const codes = (error) => error.errors?.map(({ extensions }) => extensions.code)

const most = tokens.length
const again = new RetryLink({ delay: { initial: 50 }, attempts: (count) => count < most })
const signedIn = new SetContextLink(() => {
  say({ connecting: true })
  return { headers: { authorization: `Bearer ${tokens.length > 1 ? tokens.shift() : tokens[0]}` } }
})
const client = new ApolloClient({
  cache: new InMemoryCache(),
  link: ApolloLink.from([again, signedIn, new HttpLink({ uri: url })]),
})
const leave = () => process.exit(0)
const observer = {
  next: ({ data, error }) => say(error ? { error: error.name, codes: codes(error) } : { next: data }),
  error: (error) => { say({ error: error.name, codes: codes(error) }); leave() },
  complete: () => { say({ complete: true }); leave() },
}
const document = gql(operation)
if (operation.startsWith('subscription')) client.subscribe({ query: document }).subscribe(observer)
else client.query({ query: document }).then((result) => { observer.next(result); leave() }, observer.error)
process.stdin.on('end', leave).resume()
