/**
 * Adverse events: what the pages ask and send. Reports without a name go out without the session, by a door of their
 * own: no cookie, no token, no look-up before them, so that the server cannot know whose screen it is.
 */
import { read, request, write } from './http'

const API = 'medaffairs.adverse_event.api'
const NAMELESS = 'medaffairs.adverse_event.anonymous'
export const REPORT = 'Adverse Event Report'
export const IDENTITIES = ['Open', 'Protected', 'Anonymous']
/** Questions of a form that would have to look somebody up, or send a file: without a name there are none of them. */
const LOOKS_UP = ['Staff', 'Department', 'File']

const LETTERS = '23456789ABCDEFGHJKMNPQRSTUVWXYZ'
const CODE_LENGTH = 16

/** A tracking code, made here and nowhere else: 77 random bits in groups of four. */
export function newCode() {
  const letters = []
  while (letters.length < CODE_LENGTH) {
    // A byte above the last whole multiple would make some letters likelier than others.
    for (const byte of window.crypto.getRandomValues(new Uint8Array(CODE_LENGTH)))
      if (byte < 256 - (256 % LETTERS.length)) letters.push(LETTERS[byte % LETTERS.length])
  }
  return letters
    .slice(0, CODE_LENGTH)
    .join('')
    .replace(/(.{4})(?=.)/g, '$1-')
}

/** What makes a report one report, however often it is sent. */
export const newKey = () => `${newCode()}-${newCode()}`

/** Calls the door that knows nobody. */
async function nameless(method, params) {
  const body = await request(`/api/method/${NAMELESS}.${method}`, {
    method: 'POST',
    json: params,
    quiet: true,
    credentials: 'omit',
    headers: { 'X-Frappe-CSRF-Token': '' },
    referrerPolicy: 'no-referrer',
  })
  return body.message
}

export const page = () => read(`${API}.page`)
export const formOf = (category) => read(`${API}.form`, { category })
export const stayOf = (visit_no) => write(`${API}.stay`, { visit_no })
export const mine = (start = 0) => read(`${API}.mine`, { start, count: 20 })
export const progress = (name) => read(`${API}.progress`, { name })
export const track = (code) => nameless('track', { code })
export const supplement = (code, words) => nameless('supplement', { code, words })

export const event = (name) => read(`${API}.event`, { name })
export const reveal = (name) => write(`${API}.reveal`, { name })
export const take = (name, action, given) => write(`${API}.take`, { name, action, ...given })
export const saveAnalysis = (name, values, seen) => write(`${API}.save_analysis`, { name, values, seen })

/**
 * Sends a report.
 * @param {object} report values of the report
 * @param {{identity: string, key: string, code: string, ticket: string, files: object[], answers?: object}} more
 */
export function submit(report, { identity, key, code, ticket, files, answers }) {
  const values = Object.fromEntries(
    Object.entries(report).filter(([, value]) => value !== '' && value !== null),
  )
  if (identity === 'Anonymous') return nameless('submit', { ticket, code, values, files, answers })
  return write(`${API}.submit`, { values, key, identity, files, answers })
}

/** A form as somebody without a name fills it in. */
export const withoutLookUps = (form) => ({
  ...form,
  questions: form.questions.filter((question) => !LOOKS_UP.includes(question.kind)),
})

/** A file as it is sent: its name and content. @param {File} file */
export function packed(file) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader()
    reader.onerror = () => reject(reader.error)
    reader.onload = () =>
      resolve({ file_name: file.name, size: file.size, content: String(reader.result).split(',')[1] ?? '' })
    reader.readAsDataURL(file)
  })
}

/**
 * The lines of a refusal by the field that they name.
 * @param {string} text lines such as `事件经过：未填写`
 * @param {Record<string, string>} labels label of each field
 */
export function byField(text, labels) {
  const lines = text.split('\n')
  const found = {}
  for (const [field, label] of Object.entries(labels)) {
    const line = lines.find((one) => one.startsWith(`${label}：`) || one.startsWith(`${label}: `))
    if (line) found[field] = line.slice(label.length + 1).trim()
  }
  return found
}

/** 5-why chains as lists of levels. @param {{chain: number, level: number, question: string, answer: string}[]} rows */
export function chainsOf(rows) {
  const chains = new Map()
  for (const row of [...rows].sort((one, two) => one.chain - two.chain || one.level - two.level)) {
    chains.set(row.chain, [
      ...(chains.get(row.chain) ?? []),
      { question: row.question, answer: row.answer ?? '' },
    ])
  }
  return [...chains.values()]
}

/** The rows of 5-why chains; levels without a question are not there. */
export const rowsOf = (chains) =>
  chains
    .map((chain) => chain.filter((level) => level.question.trim()))
    .filter((chain) => chain.length)
    .flatMap((chain, number) =>
      chain.map((level, place) => ({ chain: number + 1, level: place + 1, ...level })),
    )

/** Kinds of causes, in the order of the fishbone. */
export const CAUSE_KINDS = [
  ['CAUSE_KIND-MAN', 'Man'],
  ['CAUSE_KIND-MACHINE', 'Machine'],
  ['CAUSE_KIND-MATERIAL', 'Material'],
  ['CAUSE_KIND-METHOD', 'Method'],
  ['CAUSE_KIND-ENVIRONMENT', 'Environment'],
  ['CAUSE_KIND-MEASUREMENT', 'Measurement'],
]
