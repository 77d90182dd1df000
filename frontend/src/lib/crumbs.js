/** The way to a page: the module it belongs to, its list, itself. */
import { workspaces } from './navigation'

/**
 * @param {{name?: string, params: object}} route
 * @param {string} module of the page's kind of record or report; empty while it is not known
 * @returns {{label: string, to: object}[]}
 */
export function moduleCrumb(route, module) {
  const page = module && workspaces.value.find((entry) => entry.module === module)
  if (!page || (route.name === 'Workspace' && route.params.name === page.name)) return []
  return [{ label: __(page.title || page.name), to: { name: 'Workspace', params: { name: page.name } } }]
}
