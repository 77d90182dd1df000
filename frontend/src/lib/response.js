/** A response in the making: saved by itself in parts, kept on the device without a network, resumed from either. */
import { computed, onBeforeUnmount, reactive, watch } from 'vue'
import { boot } from './boot'
import { dropDraft, findDraft, keepDraft } from './draft'
import { changes, fetchKnown, fetchResponse, missing, sendAnswers } from './forms'
import { keepTitle } from './links'

const PAUSE = 1500
const copy = (value) => JSON.parse(JSON.stringify(value ?? {}))

/** @param {string} name of the response */
export function useResponse(name) {
  const state = reactive({
    data: null,
    answers: {},
    saved: {},
    faults: [],
    error: null,
    busy: false,
    offline: false,
    restored: false,
    conflict: false,
    editing: false,
  })
  let timer = null

  const dirty = computed(() => changes(state.saved, state.answers))
  const isDirty = computed(() => Object.keys(dirty.value).length > 0)
  const isDraft = computed(() => state.data?.status === 'Draft')
  const readonly = computed(() => !state.data?.writable || (!isDraft.value && !state.editing))

  function show(data, kept = {}) {
    state.data = data
    for (const [id, title] of Object.entries(data.titles ?? {})) {
      keepTitle('Practitioner', id, title)
      keepTitle('Clinical Department', id, title)
    }
    state.saved = copy(data.answers)
    state.answers = { ...copy(data.answers), ...copy(kept) }
  }

  async function load() {
    state.error = null
    try {
      const draft = findDraft(boot.user, 'Form Response', name)
      show(await fetchResponse(name), draft?.doc.answers)
      state.restored = isDirty.value
      if (isDraft.value && state.data.writable) await fillIn()
    } catch (problem) {
      state.error = problem
    }
  }

  /** What the system knows stands in the form at once, and may be changed like anything typed. */
  async function fillIn() {
    const known = await fetchKnown(name).catch(() => ({}))
    for (const [code, value] of Object.entries(known))
      if (state.answers[code] === undefined) state.answers[code] = value
  }

  /** What was missing and is there now is missed no more; what is wrong stays named until the server has seen it anew. */
  function stillMissing(faults) {
    if (!faults.some((fault) => fault.missing)) return faults
    const id = ({ code, row, column }) => `${code}/${row}/${column}`
    const open = new Set(missing(state.data.form, state.answers).map(id))
    const kept = faults.filter((fault) => !fault.missing || open.has(id(fault)))
    return kept.length === faults.length ? faults : kept
  }

  function keep() {
    if (!isDirty.value) return
    keepDraft(boot.user, { doctype: 'Form Response', name, answers: dirty.value })
  }

  async function reloadUnder(kept) {
    show(await fetchResponse(name), kept)
    state.conflict = true
  }

  /** @returns {Promise<boolean>} whether everything was kept and, if asked for, completed */
  async function save(complete = false) {
    clearTimeout(timer)
    if (state.busy) return false
    if (complete) {
      state.faults = missing(state.data.form, state.answers)
      if (state.faults.length) return false
    }
    const sent = copy(dirty.value)
    const before = copy(state.answers)
    state.busy = true
    try {
      const answer = await sendAnswers(name, sent, complete, state.data.modified)
      Object.assign(state.data, answer)
      state.faults = answer.faults
      const wrong = new Set(answer.faults.filter((fault) => !fault.missing).map((fault) => fault.code))
      for (const code of Object.keys(sent)) if (!wrong.has(code)) state.saved[code] = before[code]
      state.offline = false
      state.restored = false
      if (isDirty.value) keep()
      else dropDraft(boot.user, 'Form Response', name)
      return !answer.faults.length
    } catch (problem) {
      keep()
      if (problem.type === 'TimestampMismatchError') await reloadUnder(sent)
      else if (problem.retryable) state.offline = true
      else state.error = state.data ? null : problem
      if (!problem.retryable && problem.type !== 'TimestampMismatchError') throw problem
      return false
    } finally {
      state.busy = false
    }
  }

  watch(
    () => state.answers,
    () => {
      if (readonly.value || !isDirty.value) return
      state.faults = stillMissing(state.faults)
      keep()
      clearTimeout(timer)
      if (isDraft.value) timer = setTimeout(() => save().catch(() => {}), PAUSE)
    },
    { deep: true },
  )

  const retry = () => state.offline && save().catch(() => {})
  window.addEventListener('online', retry)
  onBeforeUnmount(() => {
    clearTimeout(timer)
    window.removeEventListener('online', retry)
    keep()
  })

  return { state, dirty, isDirty, isDraft, readonly, load, save }
}
