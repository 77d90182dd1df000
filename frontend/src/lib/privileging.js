/** Privileges: the app's own doors. */
import { read, write } from './http'

const API = 'medaffairs.privileging.sheets'

/** Kinds that this person may apply for: `{kind_code, kind_name, item_doctype}`. */
export const kinds = () => read(`${API}.kinds`)

/** Items of a kind with what is held already. @param {{text?: string, level?: string, start?: number}} ask */
export const catalogue = (kind, ask = {}) => read(`${API}.catalogue`, { kind, ...ask })

/** Which conditions are met and which are missing, per item. @param {string[]} codes */
export const eligibility = (kind, codes) => read(`${API}.eligibility`, { kind, codes })

/** Sends the sheet: creates the application and puts it before the first approver. */
export const apply = (sheet) => write(`${API}.apply`, sheet)

export const application = (name) => read(`${API}.application`, { name })

const GRANTS = 'medaffairs.privileging.api'

/** The privileges of a practitioner with what is true of each now. */
export const grantsOf = (practitioner) => read(`${GRANTS}.grants_of`, { practitioner })
export const grantHistory = (grant) => read(`${GRANTS}.grant_history`, { grant })
export const suspensionsOf = (practitioner) =>
  read('medaffairs.privileging.suspensions.of_practitioner', { practitioner })

/** One question to the ledger. @param {{practitioner: string, kind: string, code: string, at?: string, as_of?: string}} question */
export const checkPrivilege = (question) => read(`${GRANTS}.check`, question)

/** Grants that fit what was typed and chosen. */
export function matching(grants, { text = '', kind = '', status = '' }) {
  const wanted = text.trim().toLowerCase()
  return grants.filter(
    (row) =>
      (!kind || row.kind === kind) &&
      (!status || row.status === status) &&
      (!wanted || `${row.item_name} ${row.code}`.toLowerCase().includes(wanted)),
  )
}

/**
 * The figures at the head of a practitioner's page.
 * @param {{kind: string, status: string, level?: string, valid_to?: string}[]} grants
 * @param {string} soon the day until which an end counts as near, `YYYY-MM-DD`
 */
export function summary(grants, soon) {
  const active = grants.filter((row) => row.status === 'Active')
  const levels = active.filter((row) => row.kind === 'SURGERY').map((row) => Number(row.level) || 0)
  return {
    active: active.length,
    suspended: grants.filter((row) => row.status === 'Suspended').length,
    expiring: active.filter((row) => row.valid_to && String(row.valid_to).slice(0, 10) <= soon).length,
    highest: Math.max(0, ...levels),
  }
}
