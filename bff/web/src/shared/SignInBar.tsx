// Whose session it is, and signing in where one is: by name in development, else with a token.
import { useState, type FormEvent } from 'react'
import { useTexts } from './language'
import { SignInError, useSession } from './session'
import { signInTexts } from './signInTexts'

type Trouble = 'noGood' | 'tooMany' | 'noAnswer'

function troubleOf(error: unknown): Trouble {
  if (!(error instanceof SignInError)) return 'noAnswer'
  if (error.status === 429) return 'tooMany'
  return error.status < 500 ? 'noGood' : 'noAnswer'
}

export function SignInBar() {
  const say = useTexts(signInTexts)
  const { session, signIn, signInWithToken, signOut } = useSession()
  const [typed, setTyped] = useState('')
  const [busy, setBusy] = useState(false)
  const [trouble, setTrouble] = useState<Trouble>()

  async function attempt(step: Promise<void>) {
    setBusy(true)
    setTrouble(undefined)
    await step.then(
      () => setTyped(''),
      (error: unknown) => setTrouble(troubleOf(error)),
    )
    setBusy(false)
  }

  function submit(event: FormEvent) {
    event.preventDefault()
    void attempt(session?.devLogin ? signIn(typed.trim()) : signInWithToken(typed.trim()))
  }

  return (
    <section className="sign-in-bar" aria-label={say('session')}>
      {!session && <span>{say('asking')}</span>}
      {session?.customerId && (
        <>
          <span>{say('signedInAs', { customer: session.customerId })}</span>
          <button type="button" className="button" disabled={busy} onClick={() => void attempt(signOut())}>
            {say('signOut')}
          </button>
        </>
      )}
      {session && !session.customerId && (
        <form onSubmit={submit}>
          <span>{say('signedOut')}</span>
          <input
            type={session.devLogin ? 'text' : 'password'}
            aria-label={say(session.devLogin ? 'customer' : 'token')}
            placeholder={session.devLogin ? '7181' : say('token')}
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
            autoComplete="off"
            required
          />
          <button type="submit" className="button primary" disabled={busy}>
            {say('signIn')}
          </button>
        </form>
      )}
      <span role="status" className="trouble">
        {trouble && say(trouble)}
      </span>
    </section>
  )
}
