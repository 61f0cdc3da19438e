// All that the pages say by themselves, in both languages. What the gateway says comes from the gateway.
import { mypageTexts } from '../mypage/texts'

interface Text {
  ko: string
  en: string
}

const both = <Keys extends string>(entries: Record<Keys, Text>) => entries

export const texts = both({
  ...mypageTexts,
  'shop.title': { ko: '과일 가게', en: 'Fruitstore' },
  'session.signIn': { ko: '로그인', en: 'Sign in' },
  'session.signOut': { ko: '로그아웃', en: 'Sign out' },
})

export type TextKey = keyof typeof texts
