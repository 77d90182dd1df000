/** Importing the procedure catalogue: check first, then all of the file or nothing. */
import { methodUrl, read, write } from './http'

const API = 'medaffairs.privileging.catalogue.api'

export const newImport = (values) => write(`${API}.new_import`, values)
export const checkAgain = (name) => write(`${API}.check`, { name })
export const start = (name) => write(`${API}.start`, { name })
export const progress = (name) => read(`${API}.progress`, { name })
export const templateUrl = () => methodUrl(`${API}.template`)
export const errorsUrl = (name) => methodUrl(`${API}.errors`, { name })

export const isRunning = (summary) => ['Queued', 'Running'].includes(summary?.status)

/** Where an import stands, as a colour, a sentence and what is to be done next. */
export function importWords(summary) {
  const { status, errors_total: wrong, rows_total: total, rows_valid: valid } = summary
  if (isRunning(summary))
    return {
      tone: 'blue',
      title: __('The catalogue is being imported…'),
      text: __('You may leave this page.'),
    }
  if (status === 'Imported')
    return { tone: 'green', title: __('The catalogue was imported'), text: summary.result ?? '' }
  if (status === 'Failed')
    return {
      tone: 'red',
      title: __('The import failed; the catalogue is as it was'),
      text: summary.result ?? '',
    }
  if (status === 'Checked')
    return {
      tone: 'green',
      title: __('All {0} rows are valid', [total]),
      text: __('Nothing has been changed yet.'),
    }
  return {
    tone: 'red',
    title: __('{0} errors were found; {1} of {2} rows are valid', [wrong ?? 0, valid ?? 0, total ?? 0]),
    text: __('Nothing has been changed. Mend the file and choose it again.'),
  }
}
