/** DocType metadata, loaded once per page and kept: what lists and forms are generated from. */
import { readAll } from './http'

const loaded = new Map()

/**
 * @typedef {{name: string, fields: object[], permissions: object[], [key: string]: any}} Meta
 * @typedef {{meta: Meta, children: Record<string, Meta>, workflow: object | null}} MetaBundle
 */

/**
 * Metadata of a DocType with those of its child tables and its workflow.
 * @param {string} doctype
 * @returns {Promise<MetaBundle>}
 */
export function getMeta(doctype) {
  if (!loaded.has(doctype)) {
    const promise = readAll('frappe.desk.form.load.getdoctype', { doctype, with_parent: 1 }).then((body) => {
      const docs = body.docs ?? []
      for (const doc of docs) for (const field of doc.fields ?? []) field.parent = doc.name
      const meta = docs.find((doc) => doc.name === doctype)
      const children = Object.fromEntries(docs.filter((doc) => doc !== meta).map((doc) => [doc.name, doc]))
      return {
        meta,
        children,
        workflow: meta?.__workflow_docs?.find((doc) => doc.doctype === 'Workflow') ?? null,
      }
    })
    promise.catch(() => loaded.delete(doctype))
    loaded.set(doctype, promise)
  }
  return loaded.get(doctype)
}

/** Forgets what is kept, after somebody changed a form or a field. */
export function forgetMeta(doctype) {
  if (doctype) loaded.delete(doctype)
  else loaded.clear()
}
