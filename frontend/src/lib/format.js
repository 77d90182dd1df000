/** How values look to people: dates, numbers, yes and no, links by their title. */
import dayjs from 'dayjs'
import { boot } from './boot'

const DATE = 'YYYY-MM-DD'

/** A number and its unit: Chinese keeps a space between them. */
const counted = (count, unit) => (/\p{Script=Han}/u.test(unit) ? `${count} ${unit}` : `${count}${unit}`)

/** @param {number} seconds @returns {string} such as `2h 5m` in the page's language */
export function duration(seconds) {
  const parts = [
    [86400, __('d')],
    [3600, __('h')],
    [60, __('min')],
    [1, __('s')],
  ]
  let rest = Math.abs(Math.round(seconds))
  const words = []
  for (const [size, unit] of parts) {
    const count = Math.floor(rest / size)
    rest -= count * size
    if (count) words.push(counted(count, unit))
  }
  return words.join(' ') || counted(0, __('s'))
}

function number(value, digits) {
  const amount = Number(value)
  if (!Number.isFinite(amount)) return ''
  return amount.toLocaleString('en-US', { maximumFractionDigits: digits })
}

const formatters = {
  Check: (value) => (Number(value) ? __('Yes') : __('No')),
  Date: (value) => dayjs(value).format(DATE),
  Datetime: (value) => dayjs(value).format(`${DATE} HH:mm`),
  Time: (value) =>
    String(value)
      .split('.')[0]
      .replace(/^(\d):/, '0$1:')
      .slice(0, 5),
  Int: (value) => number(value, 0),
  'Long Int': (value) => number(value, 0),
  Float: (value, field) => number(value, field.precision ? Number(field.precision) : 3),
  Currency: (value) => Number(value).toLocaleString('zh-CN', { style: 'currency', currency: 'CNY' }),
  Percent: (value) => `${number(value, 2)} %`,
  Duration: duration,
  Rating: (value) => `${Math.round(Number(value) * 5)} / 5`,
  Password: () => '••••••',
  Select: (value, field) => __(value, null, field.parent),
}

/**
 * The text for a value of a field; empty for nothing.
 * @param {any} value
 * @param {{fieldtype: string, options?: string, precision?: string}} field
 */
export function display(value, field) {
  if (value === null || value === undefined || value === '') return ''
  const format = formatters[field.fieldtype]
  return format ? format(value, field) : String(value)
}

/** Numbers stand to the right, so that digits line up. */
export const isNumeric = (field) =>
  ['Int', 'Long Int', 'Float', 'Currency', 'Percent'].includes(field.fieldtype)

/** The hospital's time, however this computer's clock or time zone is set. */
const skew = boot.now ? dayjs(boot.now).diff(dayjs()) : 0
export const hospitalNow = () => dayjs().add(skew, 'millisecond')

/** How long ago, in words. @param {string | number} value the hospital's time, or milliseconds of this computer */
export function ago(value) {
  const moment = typeof value === 'number' ? dayjs(value).add(skew, 'millisecond') : dayjs(value)
  const minutes = hospitalNow().diff(moment, 'minute')
  if (minutes < 1) return __('just now')
  if (minutes < 60) return __('{0} minutes ago', [minutes])
  if (minutes < 60 * 24) return __('{0} hours ago', [Math.floor(minutes / 60)])
  if (minutes < 60 * 24 * 30) return __('{0} days ago', [Math.floor(minutes / 1440)])
  return dayjs(value).format(DATE)
}
