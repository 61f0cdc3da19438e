// Signing in from anywhere: a dialog, which goes when somebody is signed in.
import { useEffect, useRef } from 'react'
import { useLanguage } from '../shared/language'
import { useSession } from '../shared/session'
import { SignIn } from './SignIn'

export function SignInDialog({ close }: { close: () => void }) {
  const { t } = useLanguage()
  const { session } = useSession()
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    if (!dialog.current?.open) dialog.current?.showModal()
    dialog.current?.querySelector('input')?.select()
  }, [])
  useEffect(() => {
    if (session?.customerId) close()
  }, [session?.customerId, close])
  return (
    <dialog ref={dialog} className="sign-in-dialog" aria-labelledby="sign-in-title" onClose={close}>
      <div className="sign-in-head">
        <h2 id="sign-in-title">{t(session?.devLogin ? 'session.signIn' : 'session.settings')}</h2>
        <button type="button" className="button round" aria-label={t('dialog.close')} onClick={close}>
          ×
        </button>
      </div>
      <SignIn />
    </dialog>
  )
}
