/**
 * The one way to the server: JSON over fetch with the CSRF token, errors as `ServerError`.
 * A session that ends while somebody types must not lose the text: the caller's promise stays pending
 * until the person has signed in again in the dialogue that `onSessionExpired` opens, then the call repeats.
 */
import { boot } from './boot'

/** What went wrong, in words for the person in front of the screen. */
export class ServerError extends Error {
  /**
   * @param {string} message text to show
   * @param {{status?: number, type?: string, messages?: string[], retryable?: boolean}} details
   */
  constructor(message, { status = 0, type = '', messages = [], retryable = false } = {}) {
    super(message)
    this.name = 'ServerError'
    this.status = status
    this.type = type
    this.messages = messages
    this.retryable = retryable
  }
}

let sessionExpired = null

/** @param {() => Promise<void>} handler resolves when the person has signed in again */
export function onSessionExpired(handler) {
  sessionExpired = handler
}

/** Plain text of a message that the server may have sent with markup. */
export function plain(text) {
  const parsed = new DOMParser().parseFromString(String(text ?? ''), 'text/html')
  return parsed.body.textContent.trim()
}

/** Reads the messages that Frappe packs as JSON within JSON. */
export function messagesOf(body) {
  const packed = body?._server_messages
  if (!packed) return []
  try {
    return JSON.parse(packed).map((entry) => {
      const message = typeof entry === 'string' ? JSON.parse(entry) : entry
      return plain(message.message ?? message)
    })
  } catch {
    return [plain(packed)]
  }
}

function errorFrom(response, body) {
  const messages = messagesOf(body)
  const fallback = {
    401: __('Please sign in first.'),
    403: __('You are not permitted to do this.'),
    404: __('This record does not exist or was deleted.'),
    409: __('Somebody else changed this record meanwhile.'),
    413: __('The file is too large.'),
    429: __('Too many requests. Please wait a moment.'),
    503: __('The server is busy. Please try again.'),
  }[response.status]
  const text =
    messages.join('\n') ||
    plain(body?._error_message ?? '') ||
    fallback ||
    __('The server could not do this.')
  return new ServerError(text, {
    status: response.status,
    type: body?.exc_type ?? '',
    messages,
    retryable: response.status >= 500,
  })
}

function isSignedOut(response, body) {
  return (
    response.status === 401 ||
    body?.session_expired ||
    (response.status === 403 && body?.exc_type === 'SessionExpired') ||
    body?.exc_type === 'CSRFTokenError'
  )
}

async function send(path, options) {
  try {
    return await fetch(path, options)
  } catch {
    throw new ServerError(__('No connection to the server. What you typed is kept; please try again.'), {
      retryable: true,
    })
  }
}

/**
 * One request; repeats once after the person has signed in again.
 * @param {string} path
 * @param {RequestInit & {json?: any, quiet?: boolean}} options
 */
export async function request(path, { json, quiet = false, headers = {}, ...options } = {}) {
  for (let attempt = 0; ; attempt++) {
    const response = await send(path, {
      credentials: 'same-origin',
      ...options,
      ...(json === undefined ? {} : { body: JSON.stringify(json) }),
      headers: {
        Accept: 'application/json',
        'X-Frappe-CSRF-Token': boot.csrf_token ?? '',
        ...(json === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...headers,
      },
    })
    const type = response.headers.get('content-type') ?? ''
    const body = type.includes('json') ? await response.json().catch(() => ({})) : await response.text()
    if (response.ok) return body
    if (isSignedOut(response, body) && sessionExpired && !quiet && attempt === 0) {
      await sessionExpired()
      continue
    }
    throw errorFrom(response, body)
  }
}

const query = (params) => {
  const search = new URLSearchParams()
  for (const [key, value] of Object.entries(params ?? {})) {
    if (value === undefined || value === null) continue
    search.set(key, typeof value === 'object' ? JSON.stringify(value) : String(value))
  }
  const text = search.toString()
  return text ? `?${text}` : ''
}

/** Calls a whitelisted method that reads. @returns {Promise<any>} its message */
export async function read(method, params, options = {}) {
  const body = await request(`/api/method/${method}${query(params)}`, { method: 'GET', ...options })
  return body.message ?? body
}

/** Told of every call that wrote something: long work may have begun. */
const wrote = new Set()
export const onWrote = (listener) => wrote.add(listener)

/** Calls a whitelisted method that writes. @returns {Promise<any>} its message */
export async function write(method, params = {}, options = {}) {
  const body = await request(`/api/method/${method}`, { method: 'POST', json: params, ...options })
  for (const listener of wrote) listener(method)
  return body?.message ?? body
}

/** The whole answer of a method, where the payload stands beside `message` (`docs`, `docinfo`). */
export function readAll(method, params) {
  return request(`/api/method/${method}${query(params)}`, { method: 'GET' })
}

/** Like `readAll`, by POST. */
export function writeAll(method, params = {}) {
  return request(`/api/method/${method}`, { method: 'POST', json: params })
}

/** Address of a download that the browser fetches by itself. */
export function methodUrl(method, params) {
  return `/api/method/${method}${query(params)}`
}
