/** Dates as people type them, whatever the browser's language: 20261125, 2026-11-25, 2026/11/25 8:30, 8:5. */

const pad = (value) => String(value).padStart(2, '0')

const DATE = /^(\d{4})[-/.年]?(\d{1,2})[-/.月]?(\d{1,2})日?$/
const TIME = /^(\d{1,2})[:：.]?(\d{2})?(?:[:：](\d{2}))?$/

function date(text) {
  const match = DATE.exec(text)
  if (!match) return null
  const [year, month, day] = match.slice(1).map(Number)
  const real = new Date(year, month - 1, day)
  if (real.getMonth() !== month - 1 || real.getDate() !== day) return null
  return `${year}-${pad(month)}-${pad(day)}`
}

function time(text) {
  const match = TIME.exec(text)
  if (!match) return null
  const [hour, minute, second] = match.slice(1).map((part) => Number(part ?? 0))
  if (hour > 23 || minute > 59 || second > 59) return null
  return `${pad(hour)}:${pad(minute)}:${pad(second)}`
}

/**
 * The stored form of what was typed; null for nothing, undefined for what is no date.
 * @param {string} text
 * @param {'Date' | 'Datetime' | 'Time'} type
 * @returns {string | null | undefined}
 */
export function parseDate(text, type) {
  const words = String(text ?? '')
    .trim()
    .split(/[\sT]+/)
    .filter(Boolean)
  if (!words.length) return null
  if (type === 'Time') return words.length === 1 ? (time(words[0]) ?? undefined) : undefined
  const day = date(words[0])
  if (!day || words.length > 2) return undefined
  if (type === 'Date') return words.length === 1 ? day : undefined
  const moment = time(words[1] ?? '00:00')
  return moment ? `${day} ${moment}` : undefined
}

/** How a stored value stands in its control. */
export function shownDate(value, type) {
  const text = String(value ?? '')
  if (type === 'Date') return text.slice(0, 10)
  if (type === 'Time') return text.replace(/^(\d):/, '0$1:').slice(0, 5)
  return text.replace('T', ' ').slice(0, 16)
}
