/**
 * Builds the service worker beside the pages: it knows which files of this build a phone keeps for the time without a
 * network. Large parts that only some pages fetch later (charts, the text editor, pinyin) are kept once they were used.
 */
import path from 'node:path'
import { build } from 'esbuild'

export const LARGEST_BYTES = 160 * 1024

/**
 * Addresses of the files to keep from the start: the entry, and scripts and styles that are not too large.
 * @param {Record<string, {type: string, isEntry?: boolean, code?: string, source?: string | Uint8Array}>} bundle
 * @param {string} base
 * @returns {string[]}
 */
export function kept(bundle, base) {
  return Object.entries(bundle)
    .filter(
      ([name, part]) =>
        /\.(js|css)$/.test(name) &&
        (part.isEntry || (part.code ?? part.source ?? '').length <= LARGEST_BYTES),
    )
    .map(([name]) => base + name)
    .sort()
}

/** Vite's plugin. @param {string} source the worker's own source */
export function offlineWorker(source) {
  let config
  let files = []
  return {
    name: 'offline-worker',
    apply: 'build',
    configResolved: (resolved) => void (config = resolved),
    generateBundle(_options, bundle) {
      files = kept(bundle, config.base)
    },
    async closeBundle() {
      await build({
        entryPoints: [path.resolve(config.root, source)],
        outfile: path.resolve(config.root, config.build.outDir, 'worker.js'),
        bundle: true,
        minify: true,
        format: 'iife',
        target: 'es2022',
        define: { __FILES__: JSON.stringify(files), 'process.env.NODE_ENV': '"production"' },
      })
    },
  }
}
