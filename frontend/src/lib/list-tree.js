/** Trees: which nodes are seen when some branches are open. Pure. */

/** The field that names the parent, as the host has it. */
export const parentField = (meta) =>
  meta.nsm_parent_field || `parent_${meta.name.toLowerCase().replaceAll(' ', '_').replaceAll('-', '_')}`

/**
 * Nodes from the top down, each with its depth; what lies in closed branches is left out.
 * @param {Map<string, {name: string, title: string, branch: boolean}[]>} children by parent, roots by ''
 * @param {Set<string>} open
 */
export function visibleNodes(children, open) {
  const walk = (parent, depth, above) =>
    (children.get(parent) ?? [])
      .filter((node) => !above.has(node.name))
      .flatMap((node) => [
        { ...node, depth },
        ...(open.has(node.name) ? walk(node.name, depth + 1, new Set([...above, node.name])) : []),
      ])
  return walk('', 0, new Set())
}
