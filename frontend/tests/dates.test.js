import { describe, expect, it } from 'vitest'
import { parseDate, shownDate } from '../src/lib/dates'

describe('dates as people type them', () => {
  it.each([
    ['20261125', 'Date', '2026-11-25'],
    ['2026-1-5', 'Date', '2026-01-05'],
    ['2026/11/25', 'Date', '2026-11-25'],
    ['2026年11月25日', 'Date', '2026-11-25'],
    ['2026-11-25', 'Datetime', '2026-11-25 00:00:00'],
    ['2026-11-25 8:30', 'Datetime', '2026-11-25 08:30:00'],
    ['2026-11-25T08:30', 'Datetime', '2026-11-25 08:30:00'],
    ['0830', 'Time', '08:30:00'],
    ['8', 'Time', '08:00:00'],
    ['', 'Date', null],
  ])('%s as %s is %s', (text, type, stored) => expect(parseDate(text, type)).toBe(stored))

  it.each([
    ['2026-02-30', 'Date'],
    ['yesterday', 'Date'],
    ['2026-11-25 25:00', 'Datetime'],
    ['2026-11-25 08:30', 'Date'],
  ])('%s is no %s', (text, type) => expect(parseDate(text, type)).toBeUndefined())

  it('what is shown is read back as the same', () => {
    expect(parseDate(shownDate('2026-11-25 08:30:00.123', 'Datetime'), 'Datetime')).toBe(
      '2026-11-25 08:30:00',
    )
  })
})
