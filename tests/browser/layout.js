// What a person would see at once that is wrong with how a page is laid out, a sentence each.
() => {
  const said = []
  const root = document.querySelector('dialog[open]') ?? document.body
  const name = (element) => `<${element.tagName.toLowerCase()} class="${element.className}"> ${(element.textContent || element.getAttribute('aria-label') || '').trim().slice(0, 40)}`
  const box = (element) => element.getBoundingClientRect()
  const hidden = (element) => {
    const { width, height } = box(element)
    if (getComputedStyle(element).clipPath === 'inset(50%)') return true
    return !element.checkVisibility({ opacityProperty: true, visibilityProperty: true }) || width <= 2 || height <= 2
  }
  const every = (selector) => [...root.querySelectorAll(selector)].filter((each) => !hidden(each))

  const page = document.documentElement
  if (page.scrollWidth > page.clientWidth) said.push(`the page scrolls sideways: ${page.scrollWidth} > ${page.clientWidth}`)

  const hasText = (element) => [...element.childNodes].some((each) => each.nodeType === Node.TEXT_NODE && each.data.trim())
  const texts = every('*').filter((each) => hasText(each) && !each.closest('.visually-hidden, svg, script, style'))
  for (const each of texts) {
    const { overflowX, overflowY } = getComputedStyle(each)
    const cuts = (overflow) => overflow === 'hidden' || overflow === 'clip'
    if (cuts(overflowX) && each.scrollWidth > each.clientWidth + 1) said.push(`cut off at the side: ${name(each)}`)
    if (cuts(overflowY) && each.scrollHeight > each.clientHeight + 2) said.push(`cut off below: ${name(each)}`)
  }

  const range = document.createRange()
  const lines = (node, start, end) => {
    range.setStart(node, start)
    range.setEnd(node, end)
    return new Set([...range.getClientRects()].filter((each) => each.width > 0).map((each) => Math.round(each.top)))
  }
  for (const each of texts.filter((element) => !element.closest('code, pre, [data-breaks]'))) {
    for (const node of each.childNodes) {
      if (node.nodeType !== Node.TEXT_NODE) continue
      for (const word of node.data.matchAll(/[\p{Letter}\p{Number}]+/gu)) {
        if (word[0].length <= 20 && lines(node, word.index, word.index + word[0].length).size > 1) said.push(`a word is broken: “${word[0]}” in ${name(each)}`)
      }
    }
  }

  const targets = every('a[href], button, input:not([type=hidden]), select, textarea, summary, [role=button], [role=switch], [role=tab], [role=radio]')
  const area = (element) => (element.matches('input[type=radio], input[type=checkbox]') && element.closest('label')) || element
  const areas = [...new Set(targets.map(area))]
  for (const each of areas) {
    const inText = each.matches('a') && getComputedStyle(each).display === 'inline'
    if (!inText && box(each).height < 40) said.push(`too small to touch, ${Math.round(box(each).height)} px: ${name(each)}`)
  }
  const afloat = (element) => {
    for (let each = element; each && each !== root; each = each.parentElement) {
      if (['fixed', 'sticky'].includes(getComputedStyle(each).position)) return true
    }
    return false
  }
  const lying = areas.filter((each) => !afloat(each))
  lying.forEach((one, index) => {
    for (const other of lying.slice(index + 1)) {
      if (one.contains(other) || other.contains(one)) continue
      const [a, b] = [box(one), box(other)]
      const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left)
      const high = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top)
      if (wide > 1 && high > 1) said.push(`one lies over the other: ${name(one)} and ${name(other)}`)
    }
  })
  return said
}
