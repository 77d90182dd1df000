import { describe, expect, it } from 'vitest'
import { byField, chainsOf, newCode, rowsOf, withoutLookUps } from '@/lib/events'

describe('tracking codes', () => {
  it('have sixteen letters in groups that can be read out, and are never the same', () => {
    const codes = new Set(Array.from({ length: 200 }, newCode))
    expect(codes.size).toBe(200)
    for (const code of codes) expect(code).toMatch(/^([2-9A-HJKMNP-Z]{4}-){3}[2-9A-HJKMNP-Z]{4}$/)
  })
})

describe('refusals', () => {
  it('stand beside the field that they name', () => {
    const text = '事件经过：未填写\n发生时间：不能晚于现在\n没有字段的话'
    expect(byField(text, { description: '事件经过', occurred_at: '发生时间', place: '场所' })).toEqual({
      description: '未填写',
      occurred_at: '不能晚于现在',
    })
  })
})

describe('5-why chains', () => {
  it('go to rows and back; levels without a question fall away', () => {
    const rows = [
      { chain: 1, level: 2, question: '为什么有水？', answer: '排水慢' },
      { chain: 1, level: 1, question: '为什么滑倒？', answer: '有水' },
      { chain: 2, level: 1, question: '为什么独自下床？', answer: '' },
    ]
    const chains = chainsOf(rows)
    expect(chains[0].map((level) => level.answer)).toEqual(['有水', '排水慢'])
    expect(rowsOf([...chains, [{ question: ' ', answer: 'x' }]])).toHaveLength(3)
  })
})

describe('a form without a name', () => {
  it('asks nothing that looks somebody up', () => {
    const questions = ['Text', 'Staff', 'File', 'Department', 'Select'].map((kind) => ({ code: kind, kind }))
    expect(withoutLookUps({ title: 'x', questions }).questions.map((q) => q.kind)).toEqual(['Text', 'Select'])
  })
})
