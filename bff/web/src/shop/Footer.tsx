// Where those go who run the shop, or build on it.
import { useLanguage } from '../shared/language'
import { useSession } from '../shared/session'

export function Footer() {
  const { t } = useLanguage()
  const { session } = useSession()
  return (
    <footer className="footer">
      {session?.sandbox && <p>{t('footer.sandbox')}</p>}
      {session?.operator && <a href="/ops">{t('nav.ops')}</a>}
      {session?.ide && <a href="/graphiql">{t('nav.ide')}</a>}
    </footer>
  )
}
