/**
 * The service worker: the page opens without a network, with the forms and words of the last time.
 * Records are never kept here; what belongs to one person (page, forms, menu) goes when that person signs out.
 */
import { ExpirationPlugin } from 'workbox-expiration'
import { cleanupOutdatedCaches, precacheAndRoute } from 'workbox-precaching'
import { NavigationRoute, registerRoute } from 'workbox-routing'
import { CacheFirst, NetworkFirst } from 'workbox-strategies'
import { PERSONAL, SHELL } from './names'

const DAY = 86_400
const PATIENCE = 4

/* global __FILES__ -- the build's own files */
precacheAndRoute(__FILES__.map((url) => ({ url, revision: null })))
cleanupOutdatedCaches()

self.addEventListener('install', () => self.skipWaiting())
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()))

/** One page serves every address; that of a guest is not worth keeping. */
const shell = {
  cacheKeyWillBeUsed: async () => SHELL,
  cacheWillUpdate: async ({ response }) =>
    response.ok && !(await response.clone().text()).includes('"user": "Guest"') ? response : null,
}
registerRoute(
  new NavigationRoute(
    new NetworkFirst({ cacheName: `${PERSONAL}-page`, networkTimeoutSeconds: PATIENCE, plugins: [shell] }),
    { allowlist: [/^\/medaffairs(\/|$)/] },
  ),
)

/** What forms and menus are made from; their words are the same for everybody. */
const METHODS = [
  'frappe.desk.form.load.getdoctype',
  'frappe.desk.desktop.get_workspace_sidebar_items',
  'frappe.desk.desktop.get_desktop_page',
  'medaffairs.face.api.places',
]
registerRoute(
  ({ url, request }) =>
    request.method === 'GET' && METHODS.includes(url.pathname.replace('/api/method/', '')),
  new NetworkFirst({
    cacheName: `${PERSONAL}-forms`,
    networkTimeoutSeconds: PATIENCE,
    plugins: [new ExpirationPlugin({ maxEntries: 120, maxAgeSeconds: 14 * DAY })],
  }),
)
registerRoute(
  ({ url }) => url.pathname === '/api/method/medaffairs.face.api.translations',
  new CacheFirst({ cacheName: 'medaffairs-words', plugins: [new ExpirationPlugin({ maxEntries: 4 })] }),
)
registerRoute(
  ({ url }) => url.pathname.startsWith('/assets/medaffairs/'),
  new CacheFirst({ cacheName: 'medaffairs-files', plugins: [new ExpirationPlugin({ maxEntries: 80 })] }),
)
