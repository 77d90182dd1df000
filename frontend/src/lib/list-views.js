/** Views that people keep of a list, and those that are shared with them. */
import { hasRole } from './boot'
import { read, write } from './http'

const API = 'medaffairs.face.listing.views'

export const fetchViews = (doctype) => read(`${API}.of_list`, { doctype })
export const keepView = (view) => write(`${API}.keep`, view)
export const forgetView = (name) => write(`${API}.forget`, { name })
export const mayShare = () => hasRole('Medical Affairs Manager', 'System Manager')
