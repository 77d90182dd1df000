/** Calendar and Gantt: which fields hold dates, the weeks of a month, bars on a scale. Pure. */
import dayjs from 'dayjs'
import { filterFields } from './list'

const DAY = 'YYYY-MM-DD'
const BEGINS = /(^|_)(from|start|started|opened|begin|begins|scheduled|occurred|exam|date)(_|$)/
const ENDS = /(^|_)(to|end|ended|ends|deadline|due|until|valid_to|closed)(_|$)/
/** What a month shows of one day before it says how many more there are. */
export const SHOWN_PER_DAY = 4
const LONGEST_SCALE = 1100

/** Fields with dates, those of the form before those of every record. */
export const dateFields = (meta) =>
  filterFields(meta).filter((field) => ['Date', 'Datetime'].includes(field.fieldtype))

const ownDates = (meta) =>
  dateFields(meta).filter((field) => !['modified', 'creation'].includes(field.fieldname))

/** Whether records have dates of their own, so that a calendar of them means something. */
export const hasDates = (meta) => ownDates(meta).length > 0
export const hasSpans = (meta) => Boolean(spanOf(meta))

/** The field by which a calendar places records: the chosen one, else the first own date. */
export function dayField(meta, chosen = '') {
  const fields = dateFields(meta)
  return fields.find((field) => field.fieldname === chosen) ?? ownDates(meta)[0] ?? fields[0]
}

/**
 * Begin and end of records: the chosen fields, else the first pair whose names say so.
 * @returns {{from: object, till: object} | null}
 */
export function spanOf(meta, from = '', till = '') {
  const fields = dateFields(meta)
  const named = (name) => fields.find((field) => field.fieldname === name)
  const own = ownDates(meta)
  const end = named(till) ?? own.find((field) => ENDS.test(field.fieldname))
  const begin =
    named(from) ??
    own.find((field) => BEGINS.test(field.fieldname) && field !== end && !ENDS.test(field.fieldname)) ??
    (end && named('creation'))
  return begin && end ? { from: begin, till: end } : null
}

/**
 * The six weeks around a month, Monday first.
 * @param {string} month such as 2026-11
 * @returns {{date: string, day: number, inside: boolean}[][]}
 */
export function weeksOf(month) {
  const first = dayjs(`${month}-01`)
  const start = first.subtract((first.day() + 6) % 7, 'day')
  return Array.from({ length: 6 }, (_week, week) =>
    Array.from({ length: 7 }, (_day, day) => {
      const date = start.add(week * 7 + day, 'day')
      return { date: date.format(DAY), day: date.date(), inside: date.month() === first.month() }
    }),
  )
}

/** The conditions for what a span of days shows. */
export const withinDays = (field, first, last) => [
  [field, '>=', first],
  [field, '<=', last],
]

/** Records by day. @returns {Map<string, object[]>} */
export function byDay(rows, field) {
  const days = new Map()
  for (const row of rows) {
    const day = String(row[field] ?? '').slice(0, 10)
    if (day) days.set(day, [...(days.get(day) ?? []), row])
  }
  return days
}

/** A date moved to another day keeps its time. */
export const onDay = (value, day) => (String(value).length > 10 ? `${day}${String(value).slice(10)}` : day)

/**
 * Bars of records on a common scale of days.
 * @returns {{first: string, days: number, months: {label: string, days: number}[], bars: {row: object, start: number,
 *   length: number, open: boolean}[]}}
 */
export function scaleOf(rows, from, till) {
  const spans = rows
    .filter((row) => row[from] || row[till])
    .map((row) => {
      const begin = dayjs(row[from] || row[till]).startOf('day')
      const end = row[till] ? dayjs(row[till]).startOf('day') : null
      return { row, begin, end: end && end.isBefore(begin) ? begin : end }
    })
  if (!spans.length) return { first: '', days: 0, months: [], bars: [] }
  const earliest = spans.reduce((least, { begin }) => (begin.isBefore(least) ? begin : least), spans[0].begin)
  const latest = spans.reduce(
    (most, { begin, end }) => ((end ?? begin).isAfter(most) ? (end ?? begin) : most),
    earliest,
  )
  const first = earliest.startOf('month')
  const days = Math.min(latest.endOf('month').diff(first, 'day') + 1, LONGEST_SCALE)
  const months = []
  for (let month = first; month.diff(first, 'day') < days; month = month.add(1, 'month'))
    months.push({
      label: month.format('YYYY-MM'),
      days: Math.min(month.daysInMonth(), days - month.diff(first, 'day')),
    })
  const bars = spans.map(({ row, begin, end }) => {
    const start = begin.diff(first, 'day')
    const length = (end ? end.diff(begin, 'day') : days - 1 - start) + 1
    return { row, start, length: Math.max(1, Math.min(length, days - start)), open: !end }
  })
  return { first: first.format(DAY), days, months, bars }
}
