// What the playground says beside what GraphiQL says by itself, which is in English.
import { both } from '../shared/texts'

export const playgroundTexts = both({
  title: { ko: 'Fruitstore · GraphQL 놀이터', en: 'Fruitstore · GraphQL playground' },
  storyTabs: { ko: '예제 탭 다시 열기', en: 'Bring the story tabs back' },
  documentation: { ko: '문서', en: 'Documentation' },
  notTold: {
    ko: '이 서버는 스키마를 알려 주지 않도록 설정되어 있어(BFF_INTROSPECTION=false) 문서와 자동 완성이 없습니다. 요청은 보낼 수 있습니다.',
    en: 'This gateway is set not to tell its schema (BFF_INTROSPECTION=false), so there is no documentation and no completion. Operations can be sent all the same.',
  },
  notSignedIn: {
    ko: '로그인하지 않았거나 로그인이 끝났습니다. 위에서 로그인한 뒤 다시 실행해 주세요.',
    en: 'Not signed in, or not any more. Sign in above, then run it again.',
  },
  typedNoGood: {
    ko: 'Headers 탭의 Authorization은 쓸 수 없습니다.',
    en: 'The Authorization in the Headers tab is no good.',
  },
  closed: { ko: '연결이 끊겼습니다 ({code} {reason}).', en: 'The connection was closed ({code} {reason}).' },
  unreadable: {
    ko: '서버의 대답을 읽을 수 없습니다 (상태 {status}).',
    en: 'The answer cannot be read (status {status}).',
  },
})
