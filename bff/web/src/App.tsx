// The storefront's shell: its address says which view is shown.
import { useEffect } from 'react'
import { MyPage } from './mypage/MyPage'
import { useLanguage } from './shared/language'
import { refresh } from './shared/session'
import { Shop } from './shop/Shop'

export function App() {
  const { t } = useLanguage()
  useEffect(() => void refresh(), [])
  return (
    <>
      <h1>{t('shop.title')}</h1>
      <main>
        <Shop />
        <MyPage />
      </main>
    </>
  )
}
