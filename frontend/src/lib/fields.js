/** Values of the rarer field types: from what is stored to what a person sees and types, and back. */
import { parseDate } from './dates'

const UNITS = [
  ['days', 86400],
  ['hours', 3600],
  ['minutes', 60],
  ['seconds', 1],
]

/** Seconds in parts. @param {{hide_days?: number, hide_seconds?: number}} field */
export function splitDuration(seconds, field = {}) {
  let rest = Math.max(0, Math.trunc(Number(seconds) || 0))
  const parts = {}
  for (const [unit, size] of UNITS) {
    if (unit === 'days' && Number(field.hide_days)) continue
    if (unit === 'seconds' && Number(field.hide_seconds)) continue
    parts[unit] = Math.floor(rest / size)
    rest -= parts[unit] * size
  }
  return parts
}

/** @returns {number | null} seconds; null when nothing was typed */
export function joinDuration(parts) {
  const typed = UNITS.filter(([unit]) => parts[unit] !== undefined && parts[unit] !== '')
  if (!typed.length) return null
  return typed.reduce((sum, [unit, size]) => sum + (Math.trunc(Number(parts[unit])) || 0) * size, 0)
}

/** The field of a Table MultiSelect's rows that links to what is chosen. */
export const multiSelectLink = (meta) =>
  meta?.fields.find((field) => field.fieldtype === 'Link' && !Number(field.hidden)) ?? null

/** What a barcode says: the desk stores a picture with its value in an attribute. */
export function barcodeValue(stored) {
  const text = String(stored ?? '')
  if (!text.trimStart().startsWith('<svg')) return text
  return new DOMParser().parseFromString(text, 'text/html').querySelector('svg')?.dataset.barcodeValue ?? ''
}

/** What is wrong with JSON as typed; empty when it can be read or nothing stands there. */
export function jsonFault(text) {
  if (!String(text ?? '').trim()) return ''
  try {
    JSON.parse(text)
    return ''
  } catch (problem) {
    return problem.message
  }
}

const YES = ['1', 'true', 'yes', 'y', '是', '√', '✓']

function pastedNumber(text, field) {
  const number = Number(text.replace(/[,，\s￥¥]/g, '').replace(/[%％]$/, ''))
  if (!Number.isFinite(number)) return undefined
  return field.fieldtype.endsWith('Int') ? Math.trunc(number) : number
}

function pastedChoice(text, field) {
  const choices = String(field.options ?? '').split('\n')
  return choices.find((choice) => choice === text || __(choice, null, field.parent) === text)
}

/**
 * The value of a cell that was pasted as text from a spreadsheet; undefined for what the column cannot hold.
 * @param {{fieldtype: string, options?: string}} field
 * @param {string} text
 */
export function pastedValue(field, text) {
  if (text === '') return null
  const type = field.fieldtype
  if (['Int', 'Long Int', 'Float', 'Currency', 'Percent', 'Duration'].includes(type))
    return pastedNumber(text, field)
  if (type === 'Check') return YES.includes(text.toLowerCase()) ? 1 : 0
  if (type === 'Select') return pastedChoice(text, field)
  if (['Date', 'Datetime', 'Time'].includes(type)) return parseDate(text, type) ?? undefined
  return text
}

/** What a file is, for its preview. @returns {'image' | 'pdf' | 'video' | 'audio' | ''} */
export function fileKind(url) {
  const ending = String(url ?? '')
    .split(/[?#]/)[0]
    .split('.')
    .pop()
    .toLowerCase()
  if (['png', 'jpg', 'jpeg', 'gif', 'webp', 'bmp', 'svg'].includes(ending)) return 'image'
  if (['mp4', 'webm', 'mov', 'm4v', 'ogv'].includes(ending)) return 'video'
  if (['mp3', 'wav', 'ogg', 'm4a', 'aac'].includes(ending)) return 'audio'
  return ending === 'pdf' ? 'pdf' : ''
}

/** @param {number} bytes @returns {string} such as `1.4 MB` */
export function fileSize(bytes) {
  const units = ['B', 'KB', 'MB', 'GB']
  let size = Number(bytes) || 0
  let unit = 0
  while (size >= 1024 && unit < units.length - 1) [size, unit] = [size / 1024, unit + 1]
  return `${unit ? size.toFixed(1) : size} ${units[unit]}`
}
