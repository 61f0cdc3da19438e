// Says what changed to those who hear the page.
import { useNews } from './news'
import { useWords } from './words'

export function Announcements() {
  const { t, what, status } = useWords()
  return (
    <div className="visually-hidden" role="log" aria-live="polite" aria-relevant="additions">
      {useNews().map((order) => (
        <p key={`${order.id} ${order.version}`}>{t('mypage.changed', { what: what(order), status: status(order) })}</p>
      ))}
    </div>
  )
}
