import { beforeEach, describe, expect, it } from 'vitest'
import { boot } from '../src/lib/boot'
import { isShown } from '../src/lib/navigation'

describe('workspaces of the side bar', () => {
  beforeEach(() => {
    boot.modules = ['Organization', 'Audit']
  })
  it("are ours and the hospital's own", () => {
    expect(isShown({ public: 1, is_hidden: 0, module: 'Audit' })).toBe(true)
    expect(isShown({ public: 1, is_hidden: 0, module: null })).toBe(true)
  })
  it('are neither those of the host nor hidden or private ones', () => {
    expect(isShown({ public: 1, is_hidden: 0, module: 'Website' })).toBe(false)
    expect(isShown({ public: 1, is_hidden: 1, module: 'Audit' })).toBe(false)
    expect(isShown({ public: 0, module: 'Audit' })).toBe(false)
  })
})
