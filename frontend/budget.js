/**
 * The build fails when a page costs more script than a hospital's network should carry: the entry, the page and
 * everything that both import at once. What a page fetches later (charts, the text editor) does not count.
 */
import { gzipSync } from 'node:zlib'

export const LIMIT_BYTES = 300 * 1024

/** Names of a chunk and of all that it imports at once. */
function closure(bundle, name, seen = new Set()) {
  if (seen.has(name) || bundle[name]?.type !== 'chunk') return seen
  seen.add(name)
  for (const imported of bundle[name].imports) closure(bundle, imported, seen)
  return seen
}

/**
 * Bytes of compressed script per page.
 * @param {Record<string, {type: string, isEntry?: boolean, facadeModuleId?: string | null, imports: string[], code: string}>} bundle
 * @returns {Record<string, number>}
 */
export function pageSizes(bundle) {
  const sizes = {}
  const size = (name) => (sizes[name] ??= gzipSync(bundle[name].code).length)
  const entry = Object.keys(bundle).find((name) => bundle[name].isEntry)
  const pages = Object.keys(bundle).filter((name) => bundle[name].facadeModuleId?.includes('/src/pages/'))
  return Object.fromEntries(
    pages.map((name) => {
      const chunks = closure(bundle, name, closure(bundle, entry))
      const page = bundle[name].facadeModuleId.split('/src/pages/')[1].replace('.vue', '')
      return [page, [...chunks].reduce((sum, chunk) => sum + size(chunk), 0)]
    }),
  )
}

/** Vite's plugin: measures the bundle, names the largest page, refuses what is too large. */
export function scriptBudget(limit = LIMIT_BYTES) {
  return {
    name: 'script-budget',
    apply: 'build',
    generateBundle(_options, bundle) {
      const sizes = Object.entries(pageSizes(bundle)).sort(([, a], [, b]) => b - a)
      const kilobytes = (bytes) => `${Math.round(bytes / 1024)} KB`
      const large = sizes.filter(([, bytes]) => bytes > limit)
      if (large.length)
        this.error(
          `more than ${kilobytes(limit)} of compressed script: ` +
            large.map(([page, bytes]) => `${page} ${kilobytes(bytes)}`).join(', '),
        )
      const [page, bytes] = sizes[0] ?? ['', 0]
      this.info(`largest page: ${page}, ${kilobytes(bytes)} of compressed script`)
    },
  }
}
