// All that the pages say by themselves, in both languages. What the gateway says comes from the gateway.
import { mypageTexts } from '../mypage/texts'
import { shopTexts } from '../shop/texts'

export interface Text {
  ko: string
  en: string
}

export const both = <Keys extends string>(entries: Record<Keys, Text>) => entries

export const texts = both({
  ...shopTexts,
  ...mypageTexts,
})

export type TextKey = keyof typeof texts
