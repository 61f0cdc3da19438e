// Where GraphiQL keeps tabs and history; headers are left out, for there may be a token in them.

const withoutHeaders = (text: string) =>
  JSON.stringify(JSON.parse(text, (key: string, value: unknown) => (key === 'headers' ? undefined : value)))

const isHistory = (key: string) => /:(queries|favorites)$/.test(key)

const ours = () => Object.keys(localStorage).filter((key) => key.startsWith('graphiql:'))

export const storage = {
  getItem: (key: string) => localStorage.getItem(key),
  setItem: (key: string, value: string) => localStorage.setItem(key, isHistory(key) ? withoutHeaders(value) : value),
  removeItem: (key: string) => localStorage.removeItem(key),
  clear: () => ours().forEach((key) => localStorage.removeItem(key)),
  get length() {
    return ours().length
  },
}
