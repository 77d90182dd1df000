import { afterEach, describe, expect, it } from 'vitest'
import { readable, verdictWords } from '../src/lib/audit'
import { importWords, isRunning } from '../src/lib/catalogue'
import { setTranslations, translate } from '../src/lib/i18n'
import { gateWords, stateTone, waiting } from '../src/lib/integration'
import { greeting } from '../src/lib/workbench'

afterEach(() => setTranslations({}))

describe('translations', () => {
  it('depend on where a word stands, and fall back to the word alone, then to English', () => {
    setTranslations({ Active: '有效', 'Active:Practitioner': '在岗' })
    expect(translate('Active', null, 'Practitioner')).toBe('在岗')
    expect(translate('Active', null, 'Privilege Grant')).toBe('有效')
    expect(translate('Retired', null, 'Procedure')).toBe('Retired')
  })
  it('fill in values, also the number nought, and leave unknown places alone', () => {
    expect(translate('{0} of {1}', [0, 5])).toBe('0 of 5')
    expect(translate('{0} of {1}', [3])).toBe('3 of {1}')
    expect(translate(null)).toBe('')
  })
})

describe('a verification of the access log', () => {
  const verdict = { intact: true, records: 1200, first_sequence: 1, last_sequence: 1200, seals: 3 }
  it('says what was compared when all is well', () => {
    const words = verdictWords(verdict)
    expect(words.tone).toBe('green')
    expect(words.text).toContain('1,200')
  })
  it('names the first wrong record and why', () => {
    const words = verdictWords({ ...verdict, intact: false, broken_at: 77, reason: 'content' })
    expect(words.tone).toBe('red')
    expect(words.title).toContain('77')
    expect(words.text).toBe('Its content was changed after it was written.')
  })
  it('shows filters laid out, and what is no JSON as it is', () => {
    expect(readable('{"a":1}')).toBe('{\n  "a": 1\n}')
    expect(readable('a=1')).toBe('a=1')
  })
})

describe('an import of a catalogue', () => {
  it.each([
    [
      { status: 'Draft', errors_total: 2, rows_valid: 8, rows_total: 10 },
      'red',
      '2 errors were found; 8 of 10',
    ],
    [{ status: 'Checked', rows_total: 10 }, 'green', 'All 10 rows'],
    [{ status: 'Running' }, 'blue', 'being imported'],
    [{ status: 'Imported' }, 'green', 'was imported'],
    [{ status: 'Failed' }, 'red', 'as it was'],
  ])('%o is told', (summary, tone, title) => {
    expect(importWords(summary).tone).toBe(tone)
    expect(importWords(summary).title).toContain(title)
  })
  it('is asked again while it runs', () =>
    expect(['Draft', 'Queued', 'Running', 'Imported'].filter((status) => isRunning({ status }))).toEqual([
      'Queued',
      'Running',
    ]))
})

describe('the gate', () => {
  it.each([
    [{ reachable: false, ledger: 5 }, 'red', 'does not answer'],
    [{ reachable: true, status: 'degraded', troubles: ['a', 'b'], ledger: 5 }, 'orange', 'a\nb'],
    [{ reachable: true, status: 'ok', behind: 2, ledger: 5 }, 'green', '2 changes'],
    [{ reachable: true, status: 'ok', behind: 0, ledger: 5 }, 'green', 'every change'],
  ])('%o is told', (gate, tone, text) => {
    const words = gateWords(gate)
    expect(words.tone).toBe(tone)
    expect(`${words.title} ${words.text}`).toContain(text)
  })
  it('lets a queue wait for a rounded time', () => {
    expect(waiting(null)).toBe('')
    expect(waiting(0)).toBe('1s')
    expect(waiting(59)).toBe('59s')
    expect(waiting(150)).toBe('2min')
    expect(waiting(2 * 3600 + 59 * 60)).toBe('2h')
  })
  it('gives a state that is not known no colour', () => expect(stateTone('Something New')).toBe('gray'))
})

it('greets by the hour', () =>
  expect([3, 9, 15, 21].map(greeting)).toEqual([
    'Good night, {0}',
    'Good morning, {0}',
    'Good afternoon, {0}',
    'Good evening, {0}',
  ]))
