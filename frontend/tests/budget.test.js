import { randomBytes } from 'node:crypto'
import { describe, expect, it, vi } from 'vitest'
import { pageSizes, scriptBudget } from '../budget'

const chunk = (bytes, more) => ({
  type: 'chunk',
  imports: [],
  code: randomBytes(bytes).toString('latin1'),
  ...more,
})
const bundle = {
  'main.js': chunk(1000, { isEntry: true, imports: ['shared.js'] }),
  'shared.js': chunk(2000),
  'list.js': chunk(3000, { facadeModuleId: '/x/src/pages/List.vue', imports: ['shared.js', 'table.js'] }),
  'table.js': chunk(4000, { imports: ['list.js'] }),
  'charts.js': chunk(500_000),
  'style.css': { type: 'asset' },
}

describe('the budget of script', () => {
  it('counts what a page imports at once, each chunk once, and nothing that comes later', () => {
    const { List } = pageSizes(bundle)
    expect(List).toBeGreaterThan(10_000)
    expect(List).toBeLessThan(16_000)
  })

  it('stops the build of a page that is too large, by name', () => {
    const context = { error: vi.fn(), info: vi.fn() }
    scriptBudget(5000).generateBundle.call(context, {}, bundle)
    expect(context.error.mock.calls[0][0]).toContain('List')
    scriptBudget(1_000_000).generateBundle.call(context, {}, bundle)
    expect(context.error).toHaveBeenCalledOnce()
  })
})
