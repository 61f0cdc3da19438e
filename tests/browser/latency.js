// Notes of every order on the page when it was first seen at a version: [id, version, milliseconds since 1970],
// taken after the frame that shows it.
() => {
  window.shown = []
  const known = new Map()
  const look = () => {
    const news = []
    for (const card of document.querySelectorAll('[data-testid^="order-"][data-version]')) {
      const id = card.dataset.testid.slice('order-'.length)
      if (known.get(id) === card.dataset.version) continue
      known.set(id, card.dataset.version)
      news.push([id, Number(card.dataset.version)])
    }
    if (news.length === 0) return
    requestAnimationFrame(() => {
      const { port1, port2 } = new MessageChannel()
      port1.onmessage = () => window.shown.push(...news.map((each) => [...each, Date.now()]))
      port2.postMessage(0)
    })
  }
  look()
  new MutationObserver(look).observe(document.body, { subtree: true, childList: true, attributes: true, attributeFilter: ['data-version'] })
}
