import { describe, expect, it } from 'vitest'
import { asked, changes, formOfRows, missing, sections, total } from '@/lib/forms'

const rows = [
  {
    question_code: 'place',
    section: '经过',
    label: '地点',
    question_type: 'Select',
    options: '病房|0\n走廊|5',
    mandatory: 1,
  },
  {
    question_code: 'corridor',
    section: '经过',
    label: '走廊',
    depends_on: "eval:doc.place=='走廊'",
    mandatory: 1,
  },
  {
    question_code: 'rail',
    section: '经过',
    label: '床栏',
    question_type: 'Yes/No',
    options: '是|0\n否|5',
    weight: 2,
  },
  {
    question_code: 'seen',
    section: '经过',
    label: '目击',
    question_type: 'Multi Select',
    options: '甲|1\n乙|2\n丙',
  },
  { question_code: 'drugs', section: '用药', label: '药品', question_type: 'Table' },
  { question_code: 'name', label: '药名', in_table: 'drugs', mandatory: 1 },
  {
    question_code: 'why',
    label: '原因',
    in_table: 'drugs',
    depends_on: "eval:parent.place=='走廊' && doc.name",
    mandatory: 1,
  },
  { question_code: 'grade', section: '评分', label: '评分', question_type: 'Score', max_score: 5 },
]
const form = formOfRows({ name: 'F-v1', form_code: 'F', title: '表', questions: rows })
const codes = (answers) => asked(form.questions, answers).map((question) => question.code)

describe('a form', () => {
  it('asks what its conditions say', () => {
    expect(codes({ place: '病房' })).toEqual(['place', 'rail', 'seen', 'drugs', 'grade'])
    expect(codes({ place: '走廊' })).toContain('corridor')
  })

  it('counts points of what is asked alone', () => {
    expect(total(form, {})).toEqual({ score: 0, full: 23 })
    expect(total(form, { place: '走廊', rail: 0, seen: ['甲', '丙'], grade: 4 })).toEqual({
      score: 20,
      full: 23,
    })
    expect(total(form, { rail: 1, seen: ['乙'] })).toEqual({ score: 2, full: 23 })
  })

  it('is divided where the section changes', () => {
    const parts = sections(form, { place: '病房', drugs: [{ name: '甲' }] })
    expect(parts.map(({ title, answered, done }) => [title, answered, done])).toEqual([
      ['经过', 1, true],
      ['用药', 1, true],
      ['评分', 0, false],
    ])
  })

  it('misses mandatory answers, also in the rows of tables', () => {
    const found = missing(form, { place: '走廊', drugs: [{}, { name: '甲' }, { why: '乙' }] })
    expect(found.map(({ code, row, column }) => [code, row, column])).toEqual([
      ['corridor', 0, ''],
      ['drugs', 2, 'why'],
      ['drugs', 3, 'name'],
    ])
  })

  it('sends what differs, and null for what is gone', () => {
    expect(changes({ a: 1, b: ['x'], c: '' }, { a: 1, b: [], c: null, d: 0 })).toEqual({ b: null, d: 0 })
  })
})
