/** Administration without code: what its pages ask and change. */
import { read, write } from './http'
import { forgetMeta } from './meta'
import { forgetPlaces } from './places'

const METHOD = 'medaffairs.face.admin.'
const ask = (name, params) => read(METHOD + name, params)

async function change(name, params) {
  const answer = await write(METHOD + name, params)
  if (params.doctype) forgetMeta(params.doctype)
  else forgetMeta()
  forgetPlaces()
  return answer
}

export const loadFields = (doctype) => ask('fields', { doctype })
export const changeField = (doctype, fieldname, values) =>
  change('change_field', { doctype, fieldname, values })
export const addField = (doctype, field) => change('add_field', { doctype, field })
export const addKind = (name, label, title) => change('add_kind', { name, label, title })
export const removeField = (doctype, fieldname) => change('remove_field', { doctype, fieldname })
export const moveField = (doctype, fieldname, step) => change('move_field', { doctype, fieldname, step })
export const loadRules = (doctype) => ask('rules', { doctype })
export const setRight = (doctype, rule, right, value) =>
  change('set_right', {
    doctype,
    role: rule.role,
    permlevel: rule.permlevel,
    if_owner: rule.if_owner,
    right,
    value,
  })
export const addRule = (doctype, role, permlevel) => change('add_rule', { doctype, role, permlevel })
export const removeRule = (doctype, rule) =>
  change('remove_rule', { doctype, role: rule.role, permlevel: rule.permlevel, if_owner: rule.if_owner })
export const explain = (user, doctype, name) => ask('explain', { user, doctype, name })
export const loadHistory = (doctype) => ask('history', { doctype })
export const takeBack = (version) => change('take_back', { version })

export const RIGHTS = [
  'read',
  'write',
  'create',
  'delete',
  'submit',
  'cancel',
  'amend',
  'print',
  'report',
  'export',
  'import',
  'share',
]
export const NEW_FIELDTYPES = [
  'Data',
  'Small Text',
  'Text',
  'Select',
  'Link',
  'Date',
  'Datetime',
  'Time',
  'Int',
  'Float',
  'Currency',
  'Percent',
  'Check',
  'Attach',
  'Attach Image',
  'Rating',
  'Phone',
  'Section Break',
  'Column Break',
  'Tab Break',
]

const PROPERTY = {
  label: 'Label',
  reqd: 'Required field',
  hidden: 'Hidden',
  read_only: 'Read only',
  default: 'Default',
  options: 'Choices',
  description: 'Description',
  in_list_view: 'In the list',
  in_standard_filter: 'As a filter',
  bold: 'Bold',
  depends_on: 'Shown when',
  mandatory_depends_on: 'Mandatory when',
}
const FLAGS = ['reqd', 'hidden', 'read_only', 'in_list_view', 'in_standard_filter', 'bold']
const shown = (name, value) => (FLAGS.includes(name) ? (Number(value) ? __('Yes') : __('No')) : value || '—')

/** What a change did, in words. @param {{kind: string, words: string, before: any, after: any}} entry */
export function describe({ kind, words, before, after }) {
  if (kind === 'kind') return __('Kind of record {0} made', [words])
  if (kind === 'add') return __('Field {0} added', [words])
  if (kind === 'remove') return __('Field {0} removed', [words])
  if (kind === 'order') return __('Order of the fields changed')
  if (kind === 'rule added') return __('Rule for {0} added', [words])
  if (kind === 'rule removed') return __('Rule for {0} removed', [words])
  if (kind === 'right')
    return after.value
      ? __('{0} may {1}', [__(after.role), __(after.right)])
      : __('{0} may no longer {1}', [__(after.role), __(after.right)])
  return Object.keys(after)
    .filter((name) => name !== 'fieldname')
    .map((name) =>
      __('{0}: {1} from {2} to {3}', [
        words,
        __(PROPERTY[name] ?? name),
        shown(name, before[name]),
        shown(name, after[name]),
      ]),
    )
    .join('；')
}

/** Why a record is seen or not. */
export const REASONS = {
  administrator: 'The administrator sees everything.',
  'no role': 'None of the roles of this user may read this kind of record.',
  'row rule': 'A role may read this kind, but not this record: it belongs to another department or person.',
  'own records': 'The role sees only records that the user made.',
  shared: 'The record was shared with this user.',
  role: 'A role of this user may read it.',
}
