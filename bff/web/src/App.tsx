// The storefront's shell: its address says which view is shown.
import { useCallback, useEffect, useRef, useState } from 'react'
import { MyPage } from './mypage/MyPage'
import { useLanguage } from './shared/language'
import { untilDone } from './shared/patience'
import { useRoute, type Route } from './shared/route'
import { refresh, useSession } from './shared/session'
import { ErrorBoundary } from './shop/ErrorBoundary'
import { Footer } from './shop/Footer'
import { Header } from './shop/Header'
import { Shop } from './shop/Shop'
import { SignIn } from './shop/SignIn'
import { SignInDialog } from './shop/SignInDialog'
import './shop/shell.css'

/** Asks who is signed in until that is known, and again whenever the page comes into sight. True while nobody answers. */
function useGateway(): boolean {
  const [away, setAway] = useState(false)
  useEffect(() => {
    const leaving = new AbortController()
    const look = () => refresh().then(() => setAway(false))
    void untilDone(look, leaving.signal, () => setAway(true))
    const seen = () => void (document.visibilityState === 'visible' && look().catch(() => {}))
    document.addEventListener('visibilitychange', seen, { signal: leaving.signal })
    return () => leaving.abort()
  }, [])
  return away
}

/** Each view has its title; whoever moves to another is taken to its beginning. */
function useArrival(view: Route['view']) {
  const { t } = useLanguage()
  const last = useRef(view)
  useEffect(() => {
    document.title = view === 'shop' ? t('shop.name') : `${t('nav.orders')} · ${t('shop.name')}`
  })
  useEffect(() => {
    if (last.current === view) return
    last.current = view
    window.scrollTo(0, 0)
    const beginning = document.querySelector<HTMLElement>(`#${view} h1`) ?? document.getElementById('main')
    if (beginning) beginning.tabIndex = -1
    beginning?.focus({ preventScroll: true })
  }, [view])
}

function Orders() {
  const { t } = useLanguage()
  const { session } = useSession()
  return (
    <>
      <h1>{t('nav.orders')}</h1>
      <MyPage />
      {session && !session.customerId && (
        <section className="sign-in-place" aria-label={t('session.signIn')}>
          <SignIn />
        </section>
      )}
    </>
  )
}

function Views() {
  const { view } = useRoute()
  const shopped = useRef(false)
  shopped.current ||= view === 'shop'
  useArrival(view)
  return (
    <>
      {shopped.current && (
        <div id="shop" hidden={view !== 'shop'}>
          <Shop />
        </div>
      )}
      {view === 'orders' && (
        <div id="orders">
          <Orders />
        </div>
      )}
    </>
  )
}

export function App() {
  const { t } = useLanguage()
  const away = useGateway()
  const { lostCustomer } = useSession()
  const [signingIn, setSigningIn] = useState(false)
  const close = useCallback(() => setSigningIn(false), [])
  return (
    <ErrorBoundary>
      <a className="skip" href="#main">
        {t('shop.skip')}
      </a>
      <Header signIn={() => setSigningIn(true)} />
      <main id="main" className="main" tabIndex={-1}>
        <div role="status">
          {away && <p className="shell-notice">{t('shop.away')}</p>}
          {lostCustomer && <p className="shell-notice">{t('session.lost')}</p>}
        </div>
        <Views />
      </main>
      <Footer />
      {signingIn && <SignInDialog close={close} />}
    </ErrorBoundary>
  )
}
