/**
 * The back button does what people expect: first it closes what lies over the page, and a page that was left comes
 * back where it was scrolled to.
 */

const WAIT = 2000
let popping = false
const scrolled = new Map()
const scroller = () => document.querySelector('main')

/** What lies over the page: a native dialogue, or one of the library's. */
function closeOverlay() {
  const own = [...document.querySelectorAll('dialog[open]')].at(-1)
  if (own) {
    own.dispatchEvent(new Event('cancel', { cancelable: true }))
    return true
  }
  const library = document.querySelector('[role="dialog"][data-state="open"], [data-overlay]')
  if (!library) return false
  library.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true }))
  return true
}

/** Scrolls there as soon as the page is long enough again. */
function restore(top) {
  const element = scroller()
  if (!element || !top) return
  const deadline = Date.now() + WAIT
  const attempt = () => {
    if (element.scrollHeight - element.clientHeight >= top) element.scrollTop = top
    else if (Date.now() < deadline) requestAnimationFrame(attempt)
  }
  attempt()
}

const position = () => window.history.state?.position

/** @param {import('vue-router').Router} router */
export function watchBack(router) {
  let here = position()
  let back = false
  // Told before the router itself, which begins to listen with its first page.
  router.options.history.listen(() => {
    popping = true
    setTimeout(() => (popping = false))
  })
  router.beforeEach((to, from) => {
    if (from.matched.length) scrolled.set(here, scroller()?.scrollTop ?? 0)
    back = popping
    const samePage = to.path === from.path
    if (popping && !samePage && closeOverlay()) return false
    return true
  })
  router.afterEach((to, from, failure) => {
    if (failure) return
    here = position()
    if (to.path === from.path) return
    requestAnimationFrame(() => (back ? restore(scrolled.get(here)) : scroller()?.scrollTo(0, 0)))
  })
}
