import { describe, expect, it } from 'vitest'
import {
  barcodeValue,
  fileKind,
  fileSize,
  joinDuration,
  jsonFault,
  pastedValue,
  splitDuration,
} from '../src/lib/fields'
import { copyRow, moveRow, rowsInWords } from '../src/lib/form'
import { commentHtml, commentParts, mentionAt } from '../src/lib/mentions'
import { canBeQuick, quickFields, startingValues } from '../src/lib/quick'
import { changesOf, timeline } from '../src/lib/timeline'
import { wordDiff, worthMarking } from '../src/lib/worddiff'

describe('lengths of time', () => {
  it('come apart and together again', () => {
    for (const seconds of [0, 59, 60, 3599, 86_400, 93_784, 1_000_000])
      for (const field of [{}, { hide_days: 1 }])
        expect(joinDuration(splitDuration(seconds, field))).toBe(seconds)
    expect(splitDuration(90_000, { hide_days: 1 })).toEqual({ hours: 25, minutes: 0, seconds: 0 })
    expect(joinDuration({})).toBeNull()
  })
})

describe('cells from a spreadsheet', () => {
  it.each([
    [{ fieldtype: 'Int' }, '1,200', 1200],
    [{ fieldtype: 'Int' }, '3.7', 3],
    [{ fieldtype: 'Currency' }, '￥ 12.50', 12.5],
    [{ fieldtype: 'Percent' }, '12%', 12],
    [{ fieldtype: 'Float' }, 'viel', undefined],
    [{ fieldtype: 'Check' }, '是', 1],
    [{ fieldtype: 'Check' }, '否', 0],
    [{ fieldtype: 'Select', options: '\nA\nB' }, 'B', 'B'],
    [{ fieldtype: 'Select', options: '\nA\nB' }, 'C', undefined],
    [{ fieldtype: 'Date' }, '2026/3/5', '2026-03-05'],
    [{ fieldtype: 'Date' }, '2026-02-30', undefined],
    [{ fieldtype: 'Data' }, ' x ', ' x '],
    [{ fieldtype: 'Int' }, '', null],
  ])('%o takes %s', (field, text, value) => expect(pastedValue(field, text)).toBe(value))
})

describe('rows', () => {
  const rows = [{ name: 'a', item: 1 }, { name: 'b', item: 2 }, { item: 3 }]
  it('are copied right behind themselves, as new ones', () => {
    expect(copyRow(rows, rows[0]).map((row) => [row.name, row.item])).toEqual([
      ['a', 1],
      [undefined, 1],
      ['b', 2],
      [undefined, 3],
    ])
  })
  it('move within the table', () => {
    expect(moveRow(rows, rows[2], -1).map((row) => row.item)).toEqual([1, 3, 2])
    expect(moveRow(rows, rows[0], -1)).toBe(rows)
    expect(moveRow(rows, rows[2], 1)).toBe(rows)
  })
  it('are told apart in a conflict by what stands in their columns', () => {
    const meta = { fields: [{ fieldname: 'item', fieldtype: 'Int', in_list_view: 1 }] }
    expect(rowsInWords(meta, [{ item: 1 }, { item: 5 }], [{ item: 1 }])).toContain('2. 5')
    expect(rowsInWords(meta, [{ item: 1 }], [{ item: 1 }])).not.toContain('1. 1')
  })
})

describe('files', () => {
  it('are seen as what their names say', () => {
    expect(['/files/a.PNG', '/f/b.mp4?fid=1', '/x.pdf', '/y.docx', null].map(fileKind)).toEqual([
      'image',
      'video',
      'pdf',
      '',
      '',
    ])
    expect(fileSize(900)).toBe('900 B')
    expect(fileSize(1_500_000)).toBe('1.4 MB')
  })
  it('of bars say their number', () => {
    expect(barcodeValue('<svg data-barcode-value="690123"></svg>')).toBe('690123')
    expect(barcodeValue('690123')).toBe('690123')
  })
  it('of JSON are read before they are kept', () => {
    expect(jsonFault('')).toBe('')
    expect(jsonFault('{"a": [1]}')).toBe('')
    expect(jsonFault('{"a": ')).not.toBe('')
  })
})

describe('mentions', () => {
  it('begin with an @ that stands alone', () => {
    expect(mentionAt('请 @kang', 7)).toEqual({ start: 2, end: 7, text: 'kang' })
    expect(mentionAt('@', 1)).toEqual({ start: 0, end: 1, text: '' })
    expect(mentionAt('a@b', 3)).toBeNull()
    expect(mentionAt('@康 然', 4)).toBeNull()
  })
  it('become markup that the framework reads, everything else is text', () => {
    const html = commentHtml('请 @康然 看 <b>这里</b>\n谢谢', [{ value: 'k@x', label: '康然' }])
    expect(html).toContain('<span class="mention" data-id="k@x"')
    expect(html).not.toContain('<b>')
    expect(commentParts(html)).toEqual([
      { text: '请 ', mention: false },
      { text: '@康然', mention: true },
      { text: ' 看 <b>这里</b>\n谢谢', mention: false },
    ])
  })
  it('take the longer name where one begins with another', () => {
    const people = [
      { value: '1', label: '王' },
      { value: '2', label: '王芳' },
    ]
    expect(commentHtml('@王芳', people)).toContain('data-id="2"')
  })
})

describe('records made in passing', () => {
  const meta = {
    name: 'Thing',
    title_field: 'title',
    permissions: [{ role: 'Officer', create: 1 }],
    fields: [
      { fieldname: 'title', fieldtype: 'Data', reqd: 1 },
      { fieldname: 'more', fieldtype: 'Data' },
      { fieldname: 'also', fieldtype: 'Data', allow_in_quick_entry: 1 },
      { fieldname: 'closed', fieldtype: 'Data', reqd: 1, read_only: 1 },
    ],
  }
  it('ask for what they cannot do without', () =>
    expect(quickFields(meta).map((field) => field.fieldname)).toEqual(['title', 'also']))
  it('need the right to create, and no rows', () => {
    expect(canBeQuick(meta, ['Officer'])).toBe(true)
    expect(canBeQuick(meta, ['Nurse'])).toBe(false)
    const rows = { ...meta, fields: [{ fieldtype: 'Table', reqd: 1 }] }
    expect(canBeQuick(rows, ['Officer'])).toBe(false)
    expect(canBeQuick({ ...meta, name: 'Privilege Application' }, ['Officer'])).toBe(false)
  })
  it('take what was typed as their title', () =>
    expect(startingValues(meta, '某某')).toEqual({ title: '某某' }))
})

describe('texts that changed', () => {
  it('are the old and the new one, word by word', () => {
    for (const [before, after] of [
      ['术前讨论已完成', '术前讨论未完成'],
      ['', 'new'],
      ['a b c', 'a c'],
      ['同', '同'],
    ]) {
      const parts = wordDiff(before, after)
      const side = (kind) =>
        parts
          .filter((part) => part.kind !== kind)
          .map((part) => part.text)
          .join('')
      expect(side('new')).toBe(before)
      expect(side('gone')).toBe(after)
    }
  })
  it('are marked only where they are long and mostly the same', () => {
    expect(worthMarking('短', '长')).toBeNull()
    expect(
      worthMarking('这是一段很长的关于病人情况的说明文字，甲', '这是一段很长的关于病人情况的说明文字，乙'),
    ).toHaveLength(3)
    expect(worthMarking('aaaa bbbb cccc dddd eeee', '完全不同的一段说明文字写在这里没有相同')).toBeNull()
  })
})

describe('the time line', () => {
  const fieldOf = (name) =>
    ({ born: { fieldname: 'born', fieldtype: 'Date' }, yes: { fieldname: 'yes', fieldtype: 'Check' } })[name]
  it('says values as the form shows them', () => {
    const [born, yes] = changesOf(
      { changed: [['born', '2026-01-02 00:00:00', null], ['yes', 0, 1]] },
      (name) => name,
      fieldOf,
    ) // prettier-ignore
    expect([born.before, born.after]).toEqual(['2026-01-02', '—'])
    expect([yes.before, yes.after]).toEqual(['No', 'Yes'])
  })
  it('joins the prints of a day', () => {
    const prints = ['10:00', '11:00'].map((time) => ({
      user: 'a',
      full_name: 'A',
      timestamp: `2026-01-02 ${time}`,
    }))
    const entries = timeline({}, { creation: '2026-01-01' }, (name) => name, [], { prints })
    expect(entries.filter((entry) => entry.kind === 'print')).toHaveLength(1)
    expect(entries[0].times).toBe(2)
  })
})
