// What the line on top of the operations page and of the playground says.
import { both } from './texts'

export const signInTexts = both({
  shop: { ko: '가게', en: 'Storefront' },
  ops: { ko: '운영', en: 'Operations' },
  graphiql: { ko: 'GraphiQL', en: 'GraphiQL' },
  pages: { ko: '페이지', en: 'Pages' },
  language: { ko: '언어', en: 'Language' },
  session: { ko: '로그인 상태', en: 'Session' },
  asking: { ko: '로그인 상태를 확인하고 있습니다…', en: 'Asking who is signed in…' },
  signedInAs: { ko: '{customer} 님으로 로그인했습니다.', en: 'Signed in as {customer}.' },
  signedOut: { ko: '로그인하지 않았습니다.', en: 'Not signed in.' },
  customer: { ko: '고객 번호', en: 'Customer' },
  token: { ko: '토큰', en: 'Token' },
  signIn: { ko: '로그인', en: 'Sign in' },
  signOut: { ko: '로그아웃', en: 'Sign out' },
  noGood: { ko: '이 토큰은 쓸 수 없습니다.', en: 'This token is no good.' },
  tooMany: { ko: '시도가 너무 많습니다. 잠시 뒤에 다시 해 주세요.', en: 'Too many attempts. Try again in a moment.' },
  noAnswer: { ko: '서버가 대답하지 않습니다. 다시 해 주세요.', en: 'The server does not answer. Try again.' },
})
