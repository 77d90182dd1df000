/** Files that the server makes while somebody waits: how far it is, and under which name it is kept. */
import { reactive } from 'vue'
import { boot } from './boot'
import { ServerError, messagesOf } from './http'

/** What is being fetched now; pages show it. */
export const downloads = reactive([])

function nameOf(response, fallback) {
  const header = response.headers.get('content-disposition') ?? ''
  const wide = /filename\*=(?:UTF-8'')?([^;]+)/i.exec(header)
  if (wide) return decodeURIComponent(wide[1].replaceAll('"', ''))
  const plainName = /filename="?([^";]+)"?/i.exec(header)
  return plainName ? plainName[1] : fallback
}

async function collect(response, entry) {
  const total = Number(response.headers.get('content-length')) || 0
  const reader = response.body.getReader()
  const parts = []
  for (;;) {
    const { done, value } = await reader.read()
    if (done) break
    parts.push(value)
    entry.bytes += value.length
    entry.share = total ? entry.bytes / total : null
  }
  return new Blob(parts, { type: response.headers.get('content-type') ?? '' })
}

function keep(blob, name) {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(blob)
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000)
}

/**
 * Fetches a file and keeps it.
 * @param {string} url
 * @param {{label: string, name: string, body?: object}} options with a body it is asked by POST
 * @throws {ServerError}
 */
export async function download(url, { label, name, body }) {
  const entry = reactive({ label, bytes: 0, share: null })
  downloads.push(entry)
  try {
    const response = await fetch(url, {
      credentials: 'same-origin',
      headers: { 'X-Frappe-CSRF-Token': boot.csrf_token, 'Content-Type': 'application/json' },
      ...(body ? { method: 'POST', body: JSON.stringify(body) } : {}),
    }).catch(() => {
      throw new ServerError(__('No connection to the server. What you typed is kept; please try again.'))
    })
    if (!response.ok) {
      const answer = await response.json().catch(() => ({}))
      throw new ServerError(messagesOf(answer).join('\n') || __('The server could not do this.'))
    }
    keep(await collect(response, entry), nameOf(response, name))
  } finally {
    downloads.splice(downloads.indexOf(entry), 1)
  }
}
