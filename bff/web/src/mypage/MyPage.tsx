// My orders, newest first, as they stand.
export function MyPage() {
  return <section />
}
