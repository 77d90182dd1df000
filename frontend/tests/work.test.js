import { describe, expect, it } from 'vitest'
import { ended } from '../src/lib/longWork'

const row = (name, state) => ({ doctype: 'Data Import', name, state })

describe('long work', () => {
  it('is news when it ended since this device last looked', () => {
    expect(
      ended([row('A', 'done'), row('B', 'failed'), row('C', 'running')], ['Data Import:A', 'Data Import:B']),
    ).toEqual([row('A', 'done'), row('B', 'failed')])
  })
  it('that ended before this device ever looked is no news', () => {
    expect(ended([row('A', 'done')], null)).toEqual([])
    expect(ended([row('A', 'done')], [])).toEqual([])
  })
})
