// Signing in: by name where that is allowed for development, else with a token.
import { useId, useState, type FormEvent } from 'react'
import { useLanguage } from '../shared/language'
import { SignInError, useSession } from '../shared/session'
import type { TextKey } from '../shared/texts'

const SAID: Record<number, TextKey> = { 400: 'session.noGood', 401: 'session.noGood', 429: 'session.tooMany' }

const whyNot = (error: unknown): TextKey => (error instanceof SignInError && SAID[error.status]) || 'session.failed'

/** The form's state: what is typed, and what came of sending it. */
function useSigningIn(first: string, needed: TextKey, send: (text: string) => Promise<void>) {
  const [text, setText] = useState(first)
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<TextKey>()
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    event.stopPropagation()
    if (busy) return
    if (!text.trim()) return setProblem(needed)
    setBusy(true)
    setProblem(undefined)
    try {
      await send(text.trim())
    } catch (error) {
      setProblem(whyNot(error))
      setBusy(false)
    }
  }
  return { text, setText, busy, problem, submit }
}

interface FormProps {
  first: string
  needed: TextKey
  label: TextKey
  hint: TextKey
  secret: boolean
  send: (text: string) => Promise<void>
}

function OneField({ first, needed, label, hint, secret, send }: FormProps) {
  const { t } = useLanguage()
  const id = useId()
  const { text, setText, busy, problem, submit } = useSigningIn(first, needed, send)
  return (
    <form className="sign-in" onSubmit={submit} noValidate>
      <label htmlFor={id}>{t(label)}</label>
      <input
        id={id}
        type={secret ? 'password' : 'text'}
        autoComplete={secret ? 'off' : 'username'}
        autoCapitalize="none"
        spellCheck={false}
        maxLength={secret ? undefined : 100}
        value={text}
        onChange={(event) => setText(event.target.value)}
        aria-describedby={`${id}-hint`}
        aria-invalid={problem ? true : undefined}
      />
      <p className="hint" id={`${id}-hint`}>
        {t(hint)}
      </p>
      <p className="problem" role="alert">
        {problem && t(problem)}
      </p>
      <button className="button primary" type="submit" aria-disabled={busy}>
        {t(busy ? 'session.busy' : 'session.signIn')}
      </button>
    </form>
  )
}

const PROPOSED = '7181'

export function SignIn() {
  const { session, lostCustomer, signIn, signInWithToken } = useSession()
  if (!session) return null
  return session.devLogin ? (
    <OneField key="name" first={lostCustomer ?? PROPOSED} needed="session.needed" label="session.customer" hint="session.customerHint" secret={false} send={signIn} />
  ) : (
    <OneField key="token" first="" needed="session.tokenNeeded" label="session.token" hint="session.tokenHint" secret send={signInWithToken} />
  )
}
