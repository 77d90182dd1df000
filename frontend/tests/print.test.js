import { describe, expect, it } from 'vitest'
import { pdfUrl, printChoices, printUrl } from '../src/lib/print'

describe('where a record is printed', () => {
  it('names type, record and form in the address', () => {
    expect(printUrl('Unauthorized Act', 'UA 1')).toBe('/printview?doctype=Unauthorized+Act&name=UA+1')
    expect(printUrl('Practitioner', 7, { format: '授权书' })).toContain('format=%E6%8E%88%E6%9D%83%E4%B9%A6')
  })
  it('takes a letter head, none, or leaves it to the host', () => {
    expect(printUrl('X', '1', { head: '公函' })).toContain('letterhead=')
    expect(printUrl('X', '1', { head: '' })).toContain('no_letterhead=1')
    expect(printUrl('X', '1')).not.toContain('letterhead')
    expect(pdfUrl('X', '1', { format: 'A', head: '', lang: 'en' })).toMatch(
      /download_pdf\?doctype=X&name=1&format=A&no_letterhead=1&language=en$/,
    )
  })
  it('offers the default form first, and the general layout when there is none', () => {
    const meta = { name: 'X', default_print_format: 'B', __print_formats: [{ name: 'A' }, { name: 'B' }] }
    expect(printChoices(meta, '1').map((choice) => choice.format)).toEqual(['B', 'A'])
    expect(printChoices({ name: 'X' }, '1').map((choice) => choice.url)).toEqual([
      '/printview?doctype=X&name=1',
    ])
    expect(printChoices(null, '1')).toEqual([])
  })
})
