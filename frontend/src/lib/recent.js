/** Where this person was last, newest first, on this device; the same page stands there once. */
import { reactive } from 'vue'
import { boot } from './boot'

const MOST = 20
const key = () => `recent:${boot.user}`

function kept() {
  try {
    const rows = JSON.parse(localStorage.getItem(key()))
    return Array.isArray(rows) ? rows : []
  } catch {
    return []
  }
}

export const recent = reactive({ rows: kept() })

/** @param {{path: string, label: string, detail?: string}} place */
export function visited(place) {
  if (!place.label || place.path === '/') return
  recent.rows = [place, ...recent.rows.filter((row) => row.path !== place.path)].slice(0, MOST)
  try {
    localStorage.setItem(key(), JSON.stringify(recent.rows))
  } catch {
    // A full device keeps no history; nothing else is lost.
  }
}

/** What is known of pages is one person's; the next one at this device begins anew. */
export function forgetVisited() {
  recent.rows = []
  localStorage.removeItem(key())
}
