/** Everything a person can go to: pages, modules, lists, reports; asked once, when somebody first looks for something. */
import { fixedPages, newRoute, workspaceIcon, workspaces } from './navigation'
import { read } from './http'

let asked = null

/** @returns {Promise<{doctypes: object[], reports: object[]}>} */
export function loadPlaces() {
  asked ??= read('medaffairs.face.api.places').catch((problem) => {
    asked = null
    throw problem
  })
  return asked
}

/** After another person signed in, or rights were changed. */
export const forgetPlaces = () => (asked = null)

const entry = (group, label, icon, to, source = label) => ({
  id: `${group}:${source}`,
  group,
  label,
  source,
  icon,
  to,
})

/**
 * The entries of the command palette, in the language of the page.
 * @param {{doctypes: object[], reports: object[]}} places
 */
export function entriesOf({ doctypes = [], reports = [] }) {
  return [
    ...fixedPages().map((page) => entry('Pages and modules', __(page.label), page.icon, page.to, page.label)),
    ...workspaces.value.map((page) =>
      entry(
        'Pages and modules',
        __(page.title || page.name),
        workspaceIcon(page),
        { name: 'Workspace', params: { name: page.name } },
        page.name,
      ),
    ),
    ...doctypes.map((kind) =>
      entry(
        'Lists',
        __(kind.name),
        'list',
        kind.single
          ? { name: 'Form', params: { doctype: kind.name, name: kind.name } }
          : { name: 'List', params: { doctype: kind.name } },
        kind.name,
      ),
    ),
    ...reports.map((report) =>
      entry(
        'Reports',
        __(report.name),
        'bar-chart-2',
        { name: 'Report', params: { name: report.name } },
        report.name,
      ),
    ),
    ...doctypes
      .filter((kind) => kind.create)
      .map((kind) =>
        entry('New record', __('New {0}', [__(kind.name)]), 'plus', newRoute(kind.name), `New ${kind.name}`),
      ),
  ]
}
