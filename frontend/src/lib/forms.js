/** Forms on the screen: what is asked, what it scores, how it is divided. The server decides the same (`forms/rules.py`). */
import { holds } from './expression'
import { read, write } from './http'

export const QUESTION_TYPES = [
  'Text',
  'Long Text',
  'Number',
  'Date',
  'Datetime',
  'Select',
  'Multi Select',
  'Yes/No',
  'Score',
  'Table',
  'File',
  'Staff',
  'Department',
]

const isEmpty = (value) =>
  value === undefined || value === null || value === '' || (Array.isArray(value) && !value.length)

/** Answers without the empty ones, as conditions see them. */
export const given = (answers) =>
  Object.fromEntries(Object.entries(answers ?? {}).filter(([, value]) => !isEmpty(value)))

/** The questions that are asked; answers to others are as if they were not there. */
export function asked(questions, answers, parent) {
  const known = {}
  return questions.filter((question) => {
    if (!holds(question.depends_on, known, parent ?? known)) return false
    if (!isEmpty(answers[question.code])) known[question.code] = answers[question.code]
    return true
  })
}

/** The asked questions in sections: neighbours with the same words belong together. */
export function sections(form, answers) {
  const found = []
  for (const question of asked(form.questions, answers)) {
    const last = found.at(-1)
    if (last && last.title === question.section) last.questions.push(question)
    else found.push({ key: question.code, title: question.section, questions: [question] })
  }
  return found.map((section) => {
    const answered = section.questions.filter((question) => !isEmpty(answers[question.code])).length
    const open = section.questions.some((question) => question.mandatory && isEmpty(answers[question.code]))
    return { ...section, answered, done: answered > 0 && !open }
  })
}

const pointsOf = (question, text) => question.options.find((option) => option.text === text)?.points ?? 0

/** Points and full marks of one question, both times its weight. */
export function marks(question, value) {
  const points = question.options.map((option) => option.points).filter((number) => number !== null)
  let score = 0
  let full = 0
  if (question.kind === 'Score') [score, full] = [Number(value) || 0, question.full_marks]
  else if (points.length && question.kind === 'Multi Select') {
    full = points.reduce((sum, number) => sum + Math.max(0, number), 0)
    score = (value ?? []).reduce((sum, text) => sum + pointsOf(question, text), 0)
  } else if (points.length && ['Select', 'Yes/No'].includes(question.kind)) {
    full = Math.max(0, ...points)
    const yesNo = isEmpty(value) ? '' : question.options[Number(value) ? 0 : 1]?.text
    score = pointsOf(question, question.kind === 'Select' ? value : yesNo)
  }
  return { score: score * question.weight, full: full * question.weight }
}

/** Points of a form; questions that are not asked count nowhere. */
export function total(form, answers) {
  return asked(form.questions, answers).reduce(
    (sum, question) => {
      const one = marks(question, answers[question.code])
      return { score: sum.score + one.score, full: sum.full + one.full }
    },
    { score: 0, full: 0 },
  )
}

/** Mandatory questions that are not answered, as the server would name them. */
export function missing(form, answers) {
  const found = []
  for (const question of asked(form.questions, answers)) {
    const value = answers[question.code]
    const fault = { code: question.code, message: __('Please answer this question'), missing: true }
    if (isEmpty(value)) {
      if (question.mandatory) found.push({ ...fault, row: 0, column: '' })
      continue
    }
    if (question.kind !== 'Table') continue
    value.forEach((row, index) => {
      if (!Object.keys(given(row)).length) return
      for (const column of asked(question.columns, row, given(answers)))
        if (column.mandatory && isEmpty(row[column.code]))
          found.push({ ...fault, row: index + 1, column: column.code })
    })
  }
  return found
}

/** Which answers differ, as they are sent: null takes one away. */
export function changes(before, after) {
  const found = {}
  for (const code of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const value = isEmpty(after[code]) ? null : after[code]
    const old = isEmpty(before[code]) ? null : before[code]
    if (JSON.stringify(value) !== JSON.stringify(old)) found[code] = value
  }
  return found
}

const optionsOf = (text) =>
  String(text ?? '')
    .split('\n')
    .filter((line) => line.trim())
    .map((line) => {
      const bar = line.lastIndexOf('|')
      if (bar < 0) return { text: line.trim(), points: null }
      return { text: line.slice(0, bar).trim(), points: Number(line.slice(bar + 1)) || 0 }
    })

/** A form from the rows of a template that may not be saved yet. */
export function formOfRows(doc) {
  const question = (row) => ({
    code: row.question_code || row.__key || '',
    label: row.label || '',
    kind: row.question_type || 'Text',
    section: row.section || '',
    options: optionsOf(row.options),
    mandatory: Boolean(Number(row.mandatory)),
    depends_on: row.depends_on || '',
    unit: row.unit || '',
    help: row.help || '',
    minimum: row.minimum || '',
    maximum: row.maximum || '',
    full_marks: Number(row.max_score) || 0,
    weight: row.weight === undefined || row.weight === null ? 1 : Number(row.weight),
    columns: [],
  })
  const rows = doc.questions ?? []
  return {
    name: doc.name,
    code: doc.form_code,
    title: doc.title,
    description: doc.description,
    questions: rows
      .filter((row) => !row.in_table)
      .map((row) => ({
        ...question(row),
        columns: rows.filter((other) => other.in_table && other.in_table === row.question_code).map(question),
      })),
  }
}

const API = 'medaffairs.forms.api'
export const fetchResponse = (response) => read(`${API}.definition`, { response })
export const fetchKnown = (response) => read(`${API}.prefill`, { response })
export const sendAnswers = (response, answers, complete, modified) =>
  write(`${API}.save`, { response, given: answers, complete, modified })
export const fetchPreview = (template) => read(`${API}.preview`, { template })
export const fetchVersions = (code) => read(`${API}.versions`, { code })
export const compareVersions = (old, latest) => read(`${API}.compare`, { old, new: latest })
export const makeVersion = (template) => write(`${API}.new_version`, { template })
export const putInForce = (template) => write(`${API}.put_in_force`, { template })
export const retireVersion = (template) => write(`${API}.retire`, { template })
