/** With and without a network: whether there is one, what this device keeps for the time without, installing as an app. */
import { ref, shallowRef } from 'vue'
import { PERSONAL, SHELL } from '@/worker/names'
import { boot, isGuest } from './boot'

export const online = ref(navigator.onLine)
/** The browser's offer to install the page as an app; null where there is none. */
export const installer = shallowRef(null)

const OWNER = 'kept-for'

window.addEventListener('online', () => (online.value = true))
window.addEventListener('offline', () => (online.value = false))
window.addEventListener('beforeinstallprompt', (event) => {
  event.preventDefault()
  installer.value = event
})
window.addEventListener('appinstalled', () => (installer.value = null))

export async function install() {
  const offer = installer.value
  installer.value = null
  await offer?.prompt()
}

/** Throws away what belongs to the person who was here. */
export async function forgetPersonal() {
  if (!('caches' in window)) return
  const names = await caches.keys()
  await Promise.all(names.filter((name) => name.startsWith(PERSONAL)).map((name) => caches.delete(name)))
}

/** Keeps the page of the person who is here now. */
async function keepPage() {
  if (isGuest()) return
  if (localStorage.getItem(OWNER) !== boot.user) {
    await forgetPersonal()
    localStorage.setItem(OWNER, boot.user)
  }
  const cache = await caches.open(`${PERSONAL}-page`)
  if (!(await cache.match(SHELL))) await cache.add(SHELL)
}

/** Starts the service worker once the page has what it needs itself. */
export function startWorker() {
  if (!('serviceWorker' in navigator) || !import.meta.env.PROD) return
  const start = async () => {
    await navigator.serviceWorker.register('/medaffairs-worker.js', {
      scope: '/medaffairs',
      updateViaCache: 'none',
    })
    await navigator.serviceWorker.ready
    await keepPage()
  }
  const later = window.requestIdleCallback ?? ((work) => setTimeout(work, 2000))
  const begin = () => later(() => start().catch(() => {}), { timeout: 10_000 })
  if (document.readyState === 'complete') begin()
  else window.addEventListener('load', begin, { once: true })
}
