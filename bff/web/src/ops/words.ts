// The page's texts, and names that come from the gateway in words where there are any.
import { useTexts } from '../shared/language'
import { isText, opsTexts } from './texts'

export const useWords = () => {
  const say = useTexts(opsTexts)
  return { say, named: (name: string) => (isText(name) ? say(name) : name) }
}
