/**
 * Light, dark, or as the system has it. The script in the page's head sets what holds before the first paint;
 * here it is chosen, remembered on this device, and followed when the system changes at dusk.
 */
import { computed, ref } from 'vue'

export const CHOICES = ['system', 'light', 'dark']
const KEY = 'theme'
const COLOUR = { light: '#ffffff', dark: '#0f0f0f' }
const system = window.matchMedia?.('(prefers-color-scheme: dark)')
const systemDark = ref(Boolean(system?.matches))

const remembered = () => {
  const kept = localStorage.getItem(KEY)
  return CHOICES.includes(kept) ? kept : 'system'
}

/** What the person chose. */
export const choice = ref(remembered())
/** What holds: `light` or `dark`. */
export const theme = computed(() => {
  if (choice.value !== 'system') return choice.value
  return systemDark.value ? 'dark' : 'light'
})

function apply(name = theme.value) {
  document.documentElement.dataset.theme = name
  document.querySelector('meta[name="theme-color"]')?.setAttribute('content', COLOUR[name])
}

/** @param {'system' | 'light' | 'dark'} next */
export function chooseTheme(next) {
  choice.value = CHOICES.includes(next) ? next : 'system'
  localStorage.setItem(KEY, choice.value)
  apply()
}

/** Follows the system, other windows, and the printer, which has white paper. */
export function watchTheme() {
  apply()
  system?.addEventListener('change', (event) => {
    systemDark.value = event.matches
    apply()
  })
  window.addEventListener('storage', (event) => {
    if (event.key !== KEY) return
    choice.value = remembered()
    apply()
  })
  window.addEventListener('beforeprint', () => apply('light'))
  window.addEventListener('afterprint', () => apply())
}
