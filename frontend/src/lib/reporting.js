/** A report while it is being written: its values, what is wrong, sending. Kept on this device, unless it has no name. */
import { computed, reactive } from 'vue'
import { boot } from './boot'
import { byField, formOf, newCode, newKey, page, submit, withoutLookUps } from './events'
import { hospitalNow } from './format'

const DRAFT = () => `event:${boot.user}`
const EMPTY = {
  category: '',
  department: '',
  occurred_at: '',
  description: '',
  measures: '',
  suggestion: '',
  place: '',
  place_detail: '',
  subtype: '',
  harm_level: '',
  visit_no: '',
  near_miss: 0,
}
/** Labels by which the server names what is wrong. */
const LABELS = {
  category: 'Category',
  department: 'Department',
  occurred_at: 'Occurred At',
  description: 'What Happened',
  measures: 'Measures Taken',
  suggestion: 'Suggestion',
  place: 'Place',
  place_detail: 'Exact Place',
  subtype: 'Subtype',
  harm_level: 'Harm Level',
  grade: 'Grade',
  visit_no: 'Medical Record Number',
  staff: 'Staff',
  files: 'Files',
}

export function useReport() {
  const state = reactive({
    page: null,
    error: '',
    identity: 'Open',
    values: { ...EMPTY },
    staff: [],
    files: [],
    form: null,
    answers: {},
    faults: {},
    formFaults: [],
    refusal: '',
    busy: false,
    sent: null,
    key: newKey(),
    code: newCode(),
  })
  const anonymous = computed(() => state.identity === 'Anonymous')
  const category = computed(() => state.page?.categories.find((row) => row.name === state.values.category))
  const form = computed(() => (state.form && anonymous.value ? withoutLookUps(state.form) : state.form))
  const grade = computed(() => {
    const harm = state.page?.harm_levels.find((row) => row.name === state.values.harm_level)
    return state.page?.grades.find((row) => row.name === harm?.grade)
  })

  async function load() {
    state.error = ''
    try {
      state.page = await page()
      recall()
      state.values.department ||= state.page.own.department ?? ''
      state.values.occurred_at ||= hospitalNow().format('YYYY-MM-DD HH:mm:ss')
    } catch (problem) {
      state.error = problem.message
    }
  }

  async function loadForm() {
    state.form = null
    state.formFaults = []
    if (!state.values.category || state.values.near_miss) return
    try {
      const found = await formOf(state.values.category)
      state.form = found.questions ? found : null
    } catch {
      // A form that cannot be had keeps nobody from reporting: it is filled in later.
      state.form = null
    }
  }

  /** Nothing of a report without a name stays on a device that others use too. */
  function keep() {
    if (anonymous.value) return localStorage.removeItem(DRAFT())
    const { identity, values, staff, answers, key } = state
    localStorage.setItem(DRAFT(), JSON.stringify({ identity, values, staff, answers, key }))
  }

  function recall() {
    try {
      Object.assign(state, JSON.parse(localStorage.getItem(DRAFT())) ?? {})
    } catch {
      localStorage.removeItem(DRAFT())
    }
  }

  function blame(text) {
    const labels = Object.fromEntries(
      Object.entries(LABELS).map(([field, label]) => [field, __(label, null, 'Adverse Event Report')]),
    )
    state.faults = byField(text, labels)
    const asked = (form.value?.questions ?? []).map((question) => [question.code, question.label])
    state.formFaults = Object.entries(byField(text, Object.fromEntries(asked))).map(([code, message]) => ({
      code,
      message,
      missing: true,
    }))
    state.refusal = text
  }

  async function send() {
    state.busy = true
    state.refusal = ''
    state.faults = {}
    state.formFaults = []
    try {
      const near = Boolean(state.values.near_miss)
      const { name } = await submit(
        { ...state.values, staff: state.staff.filter((row) => row.practitioner) },
        {
          identity: state.identity,
          key: state.key,
          code: state.code,
          ticket: state.page.ticket,
          files: state.files.map(({ file_name, content }) => ({ file_name, content })),
          answers: form.value && !near ? state.answers : undefined,
        },
      )
      localStorage.removeItem(DRAFT())
      state.sent = { name, identity: state.identity, code: state.code }
    } catch (problem) {
      keep()
      blame(problem.message)
    } finally {
      state.busy = false
    }
  }

  function again() {
    Object.assign(state, {
      values: { ...EMPTY, department: state.page.own.department ?? '', near_miss: state.values.near_miss },
      staff: [],
      files: [],
      answers: {},
      faults: {},
      formFaults: [],
      refusal: '',
      sent: null,
      key: newKey(),
      code: newCode(),
    })
    state.values.occurred_at = hospitalNow().format('YYYY-MM-DD HH:mm:ss')
  }

  return { state, anonymous, category, form, grade, load, loadForm, keep, send, again }
}
