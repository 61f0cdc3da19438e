// The shop's name, where to go, the language, and who is signed in.
import { useState } from 'react'
import { Link } from '../shared/Link'
import { useLanguage } from '../shared/language'
import { useRoute } from '../shared/route'
import { useSession } from '../shared/session'
import { FruitDrawing } from './drawings'

function Navigation() {
  const { t } = useLanguage()
  const { view } = useRoute()
  return (
    <nav className="navigation" aria-label={t('nav.label')}>
      <Link to="/" aria-current={view === 'shop' ? 'page' : undefined}>
        {t('nav.shop')}
      </Link>
      <Link to="/orders" aria-current={view === 'orders' ? 'page' : undefined}>
        {t('nav.orders')}
      </Link>
    </nav>
  )
}

function LanguageSwitch() {
  const { language, setLanguage, t } = useLanguage()
  const other = language === 'ko' ? 'en' : 'ko'
  return (
    <button type="button" className="button plain" lang={other} onClick={() => setLanguage(other)}>
      {t('language.other')}
    </button>
  )
}

function Who({ signIn }: { signIn: () => void }) {
  const { t } = useLanguage()
  const { session, signOut } = useSession()
  const [failed, setFailed] = useState(false)
  if (!session) return <span className="who waiting" aria-hidden="true" />
  if (!session.customerId) {
    return (
      <button type="button" className="button" onClick={signIn}>
        {t('session.signIn')}
      </button>
    )
  }
  const leave = () => signOut().then(() => setFailed(false), () => setFailed(true))
  return (
    <span className="who">
      <span className="visually-hidden">{t('session.asLabel', { name: session.customerId })}</span>
      <span aria-hidden="true">{t('session.as', { name: session.customerId })}</span>
      <button type="button" className="button" onClick={() => void leave()}>
        {t('session.signOut')}
      </button>
      <span role="alert" className={failed ? 'problem' : 'visually-hidden'}>
        {failed && t('session.stillIn')}
      </span>
    </span>
  )
}

export function Header({ signIn }: { signIn: () => void }) {
  const { t } = useLanguage()
  return (
    <header className="header">
      <div className="header-inside">
        <Link to="/" className="brand">
          <FruitDrawing id="apple" />
          {t('shop.name')}
        </Link>
        <Navigation />
        <div className="header-end">
          <LanguageSwitch />
          <Who signIn={signIn} />
        </div>
      </div>
    </header>
  )
}
