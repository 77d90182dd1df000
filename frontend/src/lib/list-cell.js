/** How a cell of a list reads. */
import { ago, display } from './format'
import { titleOf } from './links'

/** People to whom a record is given, from the host's list of them. */
export function peopleOf(value) {
  try {
    const people = JSON.parse(value || '[]')
    return Array.isArray(people) ? people : []
  } catch {
    return []
  }
}

/** The text of a cell; empty for nothing. */
export function cellText(row, column) {
  const value = row[column.fieldname]
  if (value === null || value === undefined || value === '') return ''
  if (column.fieldname === 'modified') return ago(value)
  if (column.fieldtype === 'Link') return titleOf(column.options, value)
  if (column.fieldtype === 'Assigned')
    return peopleOf(value)
      .map((user) => titleOf('User', user))
      .join('、')
  return display(value, column)
}

/** The text of one value of a field, also where the value stands alone: heads of groups, facets, boards. */
export const valueText = (value, field) =>
  value === null || value === undefined || value === ''
    ? __('Empty')
    : cellText({ [field.fieldname]: value }, field)
