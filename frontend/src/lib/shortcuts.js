/**
 * Keys that do something, in one table: a page adds its own while it is open, `?` shows what holds now.
 * Two letters one after the other (`g w`) go somewhere; nothing happens while somebody types.
 */
import { onBeforeUnmount, shallowReactive } from 'vue'

const PAUSE = 1200
/** @type {{keys: string, label: string, run: (event: KeyboardEvent) => void, group: string}[]} */
export const shortcuts = shallowReactive([])

/** The key of an event as the table writes it: `mod+k`, `shift+/` is `?`. */
export function keyOf(event) {
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key
  const mod = event.ctrlKey || event.metaKey
  return `${mod ? 'mod+' : ''}${event.altKey ? 'alt+' : ''}${key}`
}

const typing = (element) =>
  element?.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(element?.tagName ?? '')

let before = ''
let timer = null

function remember(key) {
  before = key
  clearTimeout(timer)
  timer = setTimeout(() => (before = ''), PAUSE)
}

/** Runs what the key stands for. @returns {boolean} whether it stood for something */
export function press(event, target = event.target) {
  const key = keyOf(event)
  const withMod = key.startsWith('mod+')
  if (!withMod && typing(target)) return false
  if (document.querySelector('dialog[open], [role="dialog"][data-state="open"]') && !withMod) return false
  const find = (keys) => shortcuts.findLast((entry) => entry.keys === keys)
  const found = (before && find(`${before} ${key}`)) || find(key)
  remember(/^[a-z]$/.test(key) ? key : '')
  if (!found) return false
  before = ''
  event.preventDefault()
  found.run(event)
  return true
}

/** Adds keys for as long as they make sense. @returns {() => void} takes them away */
export function addShortcuts(entries) {
  const rows = entries.map((entry) => ({ group: 'Everywhere', ...entry }))
  shortcuts.push(...rows)
  return () => {
    for (const row of rows) shortcuts.splice(shortcuts.indexOf(row), 1)
  }
}

/** For a page: its keys hold while it is open. */
export function useShortcuts(entries) {
  const remove = addShortcuts(entries.map((entry) => ({ group: 'On this page', ...entry })))
  onBeforeUnmount(remove)
}
