/**
 * Chinese and English. Sources are English; the table comes from the server, so that a hospital's own
 * `Translation` records count here too. `__` is global, as on every page of the framework.
 */
import { ref } from 'vue'
import { boot } from './boot'

const table = ref({})
export const language = ref('zh')

/** A place for a value, with the Chinese that touches it: Latin words keep a space from Chinese ones. */
const PLACE = /(\p{Script=Han}?)\{(\d+)\}(?=(\p{Script=Han})?)/gu
const LATIN_FIRST = /^[A-Za-z]/
const LATIN_LAST = /[A-Za-z]$/

/**
 * @param {string} source English text, `{0}` for values
 * @param {any[]} [values]
 * @param {string} [context] where it stands, mostly a DocType: one word of English may be two of Chinese
 */
export function translate(source, values, context) {
  if (source === null || source === undefined) return ''
  const text = (context && table.value[`${source}:${context}`]) || table.value[source] || String(source)
  if (!values) return text
  return text.replace(PLACE, (whole, before, index, after) => {
    if (!(index in values)) return whole
    const value = String(values[index])
    return `${before}${before && LATIN_FIRST.test(value) ? ' ' : ''}${value}${after && LATIN_LAST.test(value) ? ' ' : ''}`
  })
}

/** @param {Record<string, string>} entries */
export function setTranslations(entries) {
  table.value = entries
}

/** Loads the table of a language and makes it the page's. */
export async function useLanguage(lang) {
  language.value = lang
  document.documentElement.lang = lang === 'zh' ? 'zh-CN' : lang
  if (lang === 'en') return setTranslations({})
  const version = encodeURIComponent(boot.translations_version ?? '')
  const response = await fetch(`/api/method/medaffairs.face.api.translations?lang=${lang}&v=${version}`)
  if (response.ok) setTranslations((await response.json()).message)
}

/** Chinese to English and back, remembered on this device. */
export async function switchLanguage() {
  const next = language.value === 'zh' ? 'en' : 'zh'
  localStorage.setItem('lang', next)
  await useLanguage(next)
}

export const i18n = {
  install(app) {
    app.config.globalProperties.__ = translate
    window.__ = translate
  },
}
