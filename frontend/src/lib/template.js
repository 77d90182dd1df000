/** A form in the making: its rows as they are edited, and what is done with its versions. */
import { computed, reactive } from 'vue'
import { fetchPreview, fetchVersions, formOfRows, makeVersion, putInForce, retireVersion } from './forms'
import { read, write } from './http'

const copy = (value) => JSON.parse(JSON.stringify(value ?? null))
const FIELDS = [
  'question_code',
  'section',
  'label',
  'question_type',
  'mandatory',
  'options',
  'depends_on',
  'in_table',
  'unit',
  'minimum',
  'maximum',
  'max_score',
  'weight',
  'help',
  'prefill',
  'indicator',
]
let made = 0
const keyed = (row) => ({ ...row, __key: `row-${++made}` })

/** A code that no other question has: q1, q2… */
function freeCode(rows) {
  const used = new Set(rows.map((row) => row.question_code))
  let number = rows.length + 1
  while (used.has(`q${number}`)) number++
  return `q${number}`
}

/** @param {string} name of the version, empty for a new form */
export function useTemplate(name) {
  const state = reactive({ doc: null, saved: null, faults: [], versions: [], error: null, busy: false })
  const wire = (doc) => ({
    ...doc,
    questions: doc.questions.map((row, index) => ({
      doctype: 'Form Question',
      idx: index + 1,
      ...Object.fromEntries(FIELDS.map((field) => [field, row[field]])),
    })),
  })
  const plain = (doc) => doc && JSON.stringify(wire(doc))
  const isDraft = computed(() => !name || state.doc?.status === 'Draft')
  const isDirty = computed(() => plain(state.doc) !== plain(state.saved))
  const form = computed(() => (state.doc ? formOfRows(state.doc) : null))

  /** Rows keep their keys over a saving, so that what is open stays open. */
  function show(doc) {
    const before = state.doc?.questions ?? []
    const questions = (doc.questions ?? []).map((row, index) => {
      const same = before[index]?.question_code === row.question_code && before[index]
      return same ? { ...row, __key: same.__key } : keyed(row)
    })
    state.doc = { ...doc, questions }
    state.saved = copy(state.doc)
  }

  async function check() {
    const [preview, versions] = await Promise.all([
      fetchPreview(state.doc.name),
      fetchVersions(state.doc.form_code),
    ])
    state.faults = preview.faults
    state.versions = versions
  }

  async function load() {
    state.error = null
    if (!name)
      return show({ doctype: 'Form Template', title: '', form_code: '', purpose: '', description: '' })
    try {
      show(await read('frappe.client.get', { doctype: 'Form Template', name }))
      await check()
    } catch (problem) {
      state.error = problem
    }
  }

  async function attempt(work) {
    state.busy = true
    try {
      return await work()
    } finally {
      state.busy = false
    }
  }

  /** @returns {Promise<string>} the version's name */
  const save = () =>
    attempt(async () => {
      const doc = wire(state.doc)
      const kept = await write(name ? 'frappe.client.save' : 'frappe.client.insert', { doc })
      show(kept)
      await check()
      return kept.name
    })

  function add(after, values = {}) {
    const rows = state.doc.questions
    const index = after === undefined ? rows.length : after + 1
    const neighbour = rows[index - 1] ?? {}
    const row = keyed({
      question_code: freeCode(rows),
      section: neighbour.section ?? '',
      in_table: neighbour.question_type === 'Table' ? neighbour.question_code : (neighbour.in_table ?? ''),
      label: '',
      question_type: 'Text',
      mandatory: 0,
      weight: 1,
      max_score: 0,
      ...values,
    })
    rows.splice(index, 0, row)
    return row
  }

  function move(index, step) {
    const rows = state.doc.questions
    const target = index + step
    if (target < 0 || target >= rows.length) return
    rows.splice(target, 0, ...rows.splice(index, 1))
  }

  const remove = (index) => state.doc.questions.splice(index, 1)

  return {
    state,
    form,
    isDraft,
    isDirty,
    load,
    save,
    add,
    move,
    remove,
    newVersion: () => attempt(() => makeVersion(name)),
    putInForce: () => attempt(() => putInForce(name)).then(load),
    retire: () => attempt(() => retireVersion(name)).then(load),
  }
}
