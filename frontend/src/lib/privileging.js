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
