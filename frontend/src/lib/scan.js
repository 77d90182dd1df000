/** What a code on paper means: an address of this system, or a text to search for. */

const PREFIX = '/medaffairs'
const LONGEST = 200

/**
 * @param {string} text what the code holds
 * @param {string} origin of this page: a code must not lead elsewhere
 * @returns {{path?: string, search?: string}}
 */
export function meaning(text, origin) {
  const value = String(text ?? '')
    .trim()
    .slice(0, LONGEST)
  if (/^https?:\/\//i.test(value)) {
    let url
    try {
      url = new URL(value)
    } catch {
      return {}
    }
    const inside = url.pathname === PREFIX || url.pathname.startsWith(`${PREFIX}/`)
    if (url.origin !== origin || !inside) return {}
    return { path: url.pathname.slice(PREFIX.length) + url.search || '/' }
  }
  return value ? { search: value } : {}
}

const FORMATS = ['qr_code', 'code_128', 'code_39', 'ean_13', 'data_matrix']

/**
 * A reader of codes: the browser's own, or a library fetched where the browser has none.
 * @returns {Promise<(source: HTMLVideoElement | ImageBitmap) => Promise<string>>} empty text while nothing is seen
 */
export async function reader() {
  if ('BarcodeDetector' in window) {
    const known = await window.BarcodeDetector.getSupportedFormats().catch(() => [])
    const formats = FORMATS.filter((format) => known.includes(format))
    if (formats.length) {
      const detector = new window.BarcodeDetector({ formats })
      return async (source) => (await detector.detect(source))[0]?.rawValue ?? ''
    }
  }
  const { default: jsQR } = await import('jsqr')
  const canvas = document.createElement('canvas')
  const context = canvas.getContext('2d', { willReadFrequently: true })
  return async (source) => {
    const [width, height] = [source.videoWidth ?? source.width, source.videoHeight ?? source.height]
    if (!width || !height) return ''
    const scale = Math.min(1, 800 / Math.max(width, height))
    canvas.width = Math.round(width * scale)
    canvas.height = Math.round(height * scale)
    context.drawImage(source, 0, 0, canvas.width, canvas.height)
    const pixels = context.getImageData(0, 0, canvas.width, canvas.height)
    return jsQR(pixels.data, pixels.width, pixels.height)?.data ?? ''
  }
}
