/** Conditions as people read and edit them. Pure. */
import { OPERATOR_LABEL } from './list'
import { valueText } from './list-cell'

const given = (value) => value !== null && value !== undefined && value !== ''

/** Whether every condition of a tree says what it compares with. */
export const complete = (tree) =>
  tree.parts.every((part) => (Array.isArray(part) ? given(part[2]) : part.parts.length > 0 && complete(part)))

/**
 * A tree as the address keeps it: what must hold in any case as plain filters, the rest as a tree.
 * @returns {{filters: Array[], where: object | null}}
 */
export function split(tree) {
  if (tree.any && tree.parts.length > 1) return { filters: [], where: tree }
  const filters = tree.parts.filter(Array.isArray)
  const groups = tree.parts.filter((part) => !Array.isArray(part))
  if (!groups.length) return { filters, where: null }
  return { filters, where: groups.length === 1 ? groups[0] : { any: false, parts: groups } }
}

/** One condition in words. */
export function conditionWords([fieldname, operator, value], fields) {
  const field = fields.find((entry) => entry.fieldname === fieldname) ?? {
    fieldname,
    label: fieldname,
    fieldtype: 'Data',
  }
  return `${__(field.label, null, field.parent)} ${__(OPERATOR_LABEL[operator] ?? operator)} ${comparedWords(field, operator, value)}`
}

function comparedWords(field, operator, value) {
  if (operator === 'is') return __(value)
  if (operator === 'timespan') return __(value, null, 'Time Span')
  if (value === '@me') return __('me')
  if (['in', 'not in'].includes(operator))
    return String(value)
      .split(',')
      .map((entry) => valueText(entry, field))
      .join('、')
  return valueText(value, field)
}

/** A tree in words, groups in brackets. */
export function treeWords(tree, fields) {
  const joint = ` ${tree.any ? __('or') : __('and')} `
  return tree.parts
    .map((part) => (Array.isArray(part) ? conditionWords(part, fields) : `（${treeWords(part, fields)}）`))
    .join(joint)
}

/** How many conditions a list has, for the button of a phone. */
export const countConditions = (state) =>
  state.filters.length + (state.where ? leaves(state.where) : 0) + (state.search ? 1 : 0)
const leaves = (tree) => tree.parts.reduce((sum, part) => sum + (Array.isArray(part) ? 1 : leaves(part)), 0)
