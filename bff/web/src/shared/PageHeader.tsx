// The line on top of the pages that are no shop: where else to go, who is signed in, and the language.
import { useEffect } from 'react'
import { language, setLanguage, useTexts } from './language'
import './page-header.css'
import { refresh, useSession } from './session'
import { SignInBar } from './SignInBar'
import { signInTexts } from './signInTexts'

const ASK_AGAIN_MS = 2_000

/** Ask who is signed in, again and again until somebody answers. */
function useAsked(): void {
  useEffect(() => {
    let timer = 0
    const ask = () => void refresh().catch(() => (timer = window.setTimeout(ask, ASK_AGAIN_MS)))
    ask()
    return () => window.clearTimeout(timer)
  }, [])
}

export function PageHeader({ here }: { here: 'ops' | 'graphiql' }) {
  const say = useTexts(signInTexts)
  const { session } = useSession()
  useAsked()
  const current = (page: string) => (page === here ? 'page' : undefined)
  return (
    <header className="page-header">
      <nav aria-label={say('pages')}>
        <a href="/">{say('shop')}</a>
        {(here === 'ops' || session?.operator) && (
          <a href="/ops" aria-current={current('ops')}>
            {say('ops')}
          </a>
        )}
        {(here === 'graphiql' || session?.ide) && (
          <a href="/graphiql" aria-current={current('graphiql')}>
            {say('graphiql')}
          </a>
        )}
      </nav>
      <SignInBar />
      <div role="group" aria-label={say('language')} className="languages">
        {(['ko', 'en'] as const).map((each) => (
          <button
            key={each}
            type="button"
            lang={each}
            aria-pressed={each === language()}
            onClick={() => setLanguage(each)}
          >
            {each === 'ko' ? '한국어' : 'English'}
          </button>
        ))}
      </div>
    </header>
  )
}
