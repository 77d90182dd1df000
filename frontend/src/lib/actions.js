/** What the office does with privileges, each as a small form: title, fields, and the door that does it. */
import { hospitalNow } from './format'
import { write } from './http'

const API = 'medaffairs.privileging'
const at = (days = 0) => hospitalNow().add(days, 'day').format('YYYY-MM-DD HH:mm:00')

/** A choice from the hospital's own list. */
const fromDictionary = (fieldname, label, dictionary, more = {}) => ({
  fieldname,
  label,
  fieldtype: 'Link',
  options: 'Dictionary Item',
  link_filters: JSON.stringify([['Dictionary Item', 'dictionary', '=', dictionary]]),
  reqd: 1,
  ...more,
})
const kind = (more = {}) => ({
  fieldname: 'kind',
  label: 'Kind',
  fieldtype: 'Link',
  options: 'Privilege Kind',
  reqd: 1,
  ...more,
})
const reasonText = { fieldname: 'reason', label: 'Reason', fieldtype: 'Small Text', reqd: 1 }

/** Only procedures, or only the drug privileges of the kind that was chosen. */
const item = {
  fieldname: 'code',
  label: 'Item',
  fieldtype: 'Dynamic Link',
  options: 'item_doctype',
  reqd: 1,
  depends_on: 'kind',
}
const itemsOfKind = kind({
  onChange: (values) =>
    Object.assign(values, {
      item_doctype: values.kind === 'SURGERY' ? 'Procedure' : 'Drug Privilege',
      code: null,
    }),
})

/** Everything rests: all of a person, those of a kind, or one privilege. */
export const suspend = (practitioner, grant = null) => ({
  title: __('Suspend privileges'),
  icon: 'pause-circle',
  text: __('They come back by themselves when the period ends. Other systems are told at once.'),
  done: __('The privileges are suspended.'),
  values: { practitioner, grant, from_time: at(), to_time: at(30) },
  fields: [
    ...(grant ? [] : [kind({ label: 'Kind (Empty: All)', reqd: 0 })]),
    fromDictionary('reason', 'Reason', 'SUSPEND_REASON'),
    { fieldname: 'from_time', label: 'From', fieldtype: 'Datetime', reqd: 1 },
    {
      fieldname: 'to_time',
      label: 'To',
      fieldtype: 'Datetime',
      description: 'Empty: until somebody ends it',
    },
    { fieldname: 'remark', label: 'Remark', fieldtype: 'Small Text' },
  ],
  run: (values) => write(`${API}.suspensions.suspend`, values),
})

export const revoke = (grants) => ({
  title: grants.length === 1 ? __('Revoke the privilege') : __('Revoke {0} privileges', [grants.length]),
  label: __('Revoke'),
  icon: 'x-circle',
  danger: true,
  text: __(
    'A revoked privilege does not come back; it has to be applied for again. Other systems are told at once.',
  ),
  done: __('Revoked'),
  values: {},
  fields: [
    fromDictionary('reason', 'Reason', 'REVOKE_REASON'),
    { fieldname: 'at', label: 'From', fieldtype: 'Datetime', description: 'Empty: now' },
  ],
  run: ({ reason, at: moment }) => write(`${API}.api.revoke_many`, { grants, reason, at: moment }),
})

export const extend = (grant, validTo) => ({
  title: __('Extend the privilege'),
  label: __('Extend'),
  icon: 'calendar',
  done: __('Extended'),
  text: validTo ? __('It ends on {0} now.', [String(validTo).slice(0, 16)]) : '',
  values: { grant },
  fields: [{ fieldname: 'valid_to', label: 'Valid To', fieldtype: 'Datetime', reqd: 1 }, reasonText],
  run: (values) => write(`${API}.api.extend`, values),
})

export const grantEmergency = (practitioner) => ({
  title: __('Grant for an emergency'),
  icon: 'zap',
  text: __('It ends by itself. The approval has to be made up for afterwards.'),
  done: __('The privilege is granted.'),
  values: { practitioner, kind: 'SURGERY', item_doctype: 'Procedure', hours: 24 },
  fields: [itemsOfKind, item, { fieldname: 'hours', label: 'Hours', fieldtype: 'Int', reqd: 1 }, reasonText],
  run: (values) => write(`${API}.api.grant_emergency`, values),
})

export const grantTemporary = (practitioner) => ({
  title: __('Grant for a time'),
  icon: 'clock',
  text: __('For visiting experts and further training; at most a year.'),
  done: __('The privilege is granted.'),
  values: { practitioner, kind: 'SURGERY', item_doctype: 'Procedure', valid_from: at(), valid_to: at(30) },
  fields: [
    itemsOfKind,
    item,
    { fieldname: 'valid_from', label: 'Valid From', fieldtype: 'Datetime', reqd: 1 },
    { fieldname: 'valid_to', label: 'Valid To', fieldtype: 'Datetime', reqd: 1 },
    reasonText,
  ],
  run: (values) => write(`${API}.api.grant_temporary`, values),
})

export const endSuspension = (suspension) => ({
  title: __('End the suspension'),
  icon: 'play-circle',
  text: __('The privileges are back at once.'),
  done: __('The suspension has ended.'),
  values: { suspension },
  fields: [reasonText],
  run: (values) => write(`${API}.suspensions.end`, values),
})

export const cancelSuspension = (suspension) => ({
  title: __('Call off the suspension'),
  icon: 'x',
  done: __('The suspension was called off.'),
  values: { suspension },
  fields: [reasonText],
  run: (values) => write(`${API}.suspensions.cancel`, values),
})

export const changeEnd = (suspension, toTime) => ({
  title: __('Change the end'),
  icon: 'calendar',
  done: __('Saved'),
  values: { suspension, to_time: toTime },
  fields: [{ fieldname: 'to_time', label: 'To', fieldtype: 'Datetime', reqd: 1 }, reasonText],
  run: (values) => write(`${API}.suspensions.change_end`, values),
})

/** What can be done with a suspension in its state. */
export function suspensionActions({ name, status, to_time: toTime }) {
  if (status === 'Active') return [endSuspension(name), changeEnd(name, toTime)]
  if (status === 'Planned') return [cancelSuspension(name), changeEnd(name, toTime)]
  return []
}

/** What can be done with a grant in its state. */
export function grantActions(grant) {
  if (!['Active', 'Suspended'].includes(grant.status)) return []
  const extendable = grant.valid_to && grant.grant_type !== 'Emergency'
  return [
    { ...suspend(grant.practitioner, grant.name), label: __('Suspend') },
    ...(extendable ? [extend(grant.name, grant.valid_to)] : []),
    revoke([grant.name]),
  ]
}

const ACTS = `${API}.acts.api`
const handlingText = { fieldname: 'handling', label: 'Handling', fieldtype: 'Small Text', reqd: 1 }

/**
 * What can be done with an act without a privilege: the person explains, the office judges.
 * @param {{name: string, status: string, explanation?: string}} act
 * @param {{office: boolean, own: boolean}} who
 */
export function actActions(act, { office, own }) {
  const judged = ['Confirmed', 'Dismissed'].includes(act.status)
  const values = { name: act.name }
  const actions = []
  if (!judged && (own || office))
    actions.push({
      title: __('Explain'),
      icon: 'message-square',
      done: __('Your explanation was sent to the medical-affairs office.'),
      values: { ...values, explanation: act.explanation ?? '' },
      fields: [{ fieldname: 'explanation', label: 'Explanation', fieldtype: 'Small Text', reqd: 1 }],
      run: (given) => write(`${ACTS}.explain`, given),
    })
  if (!office) return actions
  if (judged)
    return [
      {
        title: __('Judge anew'),
        icon: 'rotate-ccw',
        values,
        fields: [reasonText],
        run: (given) => write(`${ACTS}.reopen`, given),
      },
    ]
  actions.push(
    {
      title: __('Confirm as unauthorised'),
      icon: 'alert-octagon',
      danger: true,
      text: __('The act was not permitted. Write what follows from it.'),
      values,
      fields: [handlingText],
      run: (given) => write(`${ACTS}.confirm`, given),
    },
    {
      title: __('Dismiss'),
      icon: 'check',
      text: __('There is nothing to reproach. Write why.'),
      values,
      fields: [handlingText],
      run: (given) => write(`${ACTS}.dismiss`, given),
    },
  )
  if (act.status === 'Open')
    actions.push({
      title: __('Remind'),
      icon: 'bell',
      text: __('The person and the head of the department get a notice.'),
      done: __('Reminded'),
      values: { names: [act.name] },
      fields: [],
      run: (given) => write(`${ACTS}.remind`, given),
    })
  return actions
}
