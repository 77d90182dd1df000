import { match } from 'pinyin-pro'
import { describe, expect, it } from 'vitest'
import { pick, score } from '../src/lib/palette'

const entries = [
  { label: '工作台', source: 'Workbench' },
  { label: '资质授权', source: 'Privileging' },
  { label: '授权综合查询', source: 'Privilege Query' },
  { label: '行政科室', source: 'Clinical Department' },
]

describe('what somebody types', () => {
  it.each([
    ['授权', '资质授权'],
    ['zzsq', '资质授权'],
    ['zizhi', '资质授权'],
    ['gzt', '工作台'],
    ['gongzuotai', '工作台'],
    ['query', '授权综合查询'],
    ['department', '行政科室'],
    ['xzks', '行政科室'],
  ])('%s finds %s', (text, label) => {
    expect(pick(text, entries, match).map((entry) => entry.label)).toContain(label)
  })
  it('finds by Chinese and English before pinyin has come', () => {
    expect(pick('资质', entries)[0].label).toBe('资质授权')
    expect(pick('zzsq', entries)).toEqual([])
  })
  it('puts what is equal before what begins, and that before what only holds it', () => {
    expect(score('授权', { label: '授权' })).toBeGreaterThan(score('授权', { label: '授权综合查询' }))
    expect(score('授权', { label: '授权综合查询' })).toBeGreaterThan(score('授权', { label: '资质授权' }))
  })
  it('finds nothing by nothing', () => {
    expect(pick('  ', entries, match)).toEqual([])
  })
})
