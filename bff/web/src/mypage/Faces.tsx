// What is shown where there is no order to show: nobody is signed in, none yet, not yet.
import { Link } from '../shared/Link'
import { useWords } from './words'

export function SignedOut() {
  const { t } = useWords()
  return <p className="mypage face">{t('mypage.signedOut')}</p>
}

export function Empty() {
  const { t } = useWords()
  return (
    <div className="face">
      <h2>{t('mypage.empty')}</h2>
      <p className="soft">{t('mypage.emptyLead')}</p>
      <Link to="/" className="button primary">
        {t('mypage.toShop')}
      </Link>
    </div>
  )
}

/** Where orders will be, in their size. */
export function Skeleton({ cards = 3 }: { cards?: number }) {
  const { t } = useWords()
  return (
    <div aria-busy="true">
      <p className="visually-hidden">{t('mypage.loading')}</p>
      <div className="orders" aria-hidden="true">
        {Array.from({ length: cards }, (_, index) => (
          <div key={index} className="order skeleton">
            <span className="bone disc" />
            <span className="bone wide" />
            <span className="bone line" />
          </div>
        ))}
      </div>
    </div>
  )
}
