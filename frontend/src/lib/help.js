/** The user's manual beside the page: which chapter speaks of it. The chapters themselves are fetched when asked for. */
import { hasRole } from './boot'

const CHAPTERS = import.meta.glob('../../../docs/user/*.md', { query: '?raw', import: 'default' })

/** Page → chapter and heading of the manual; the first heading that fits the person's role. */
const PAGES = {
  Workbench: ['using', '工作台'],
  Workspace: ['using', '业务模块'],
  List: ['using', '列表'],
  Form: ['using', '表单'],
  New: ['using', '表单'],
  Report: ['using', '报表'],
  Build: ['using', '报表'],
  Boards: ['using', '看板'],
  Import: ['administrator', '导入表格'],
  PrintFormat: ['administrator', '打印格式'],
  Apply: ['applicant', '申请'],
  Application: ['applicant', '提交之后'],
  Ballot: ['committee', ''],
  CatalogueImport: ['medical-affairs', '手术目录'],
  Reevaluation: ['medical-affairs', '年度再评估'],
  Integration: ['information-office', '接口'],
  Audit: ['auditor', ''],
  Practitioner: ['using', '医师档案'],
  FormTemplate: ['forms', '表单版本'],
  FormResponse: ['forms', ''],
}
const ROLES = [
  ['Auditor', 'auditor'],
  ['Medical Affairs Officer', 'medical-affairs'],
  ['Medical Affairs Manager', 'medical-affairs'],
  ['Department Head', 'department-head'],
  ['Party Branch Secretary', 'party-branch'],
  ['Committee Member', 'committee'],
  ['Practitioner', 'applicant'],
]

/** The part of a chapter below a heading that begins with these words, up to the next of its rank; all without one. */
export function section(markdown, heading) {
  if (!heading) return markdown
  const lines = markdown.split('\n')
  const start = lines.findIndex(
    (line) => /^#{2,3} /.test(line) && line.replace(/^#+ /, '').startsWith(heading),
  )
  if (start < 0) return markdown
  const rank = lines[start].match(/^#+/)[0].length
  const end = lines.findIndex(
    (line, index) => index > start && /^#+ /.test(line) && line.match(/^#+/)[0].length <= rank,
  )
  return lines.slice(start, end < 0 ? undefined : end).join('\n')
}

const load = (chapter) => CHAPTERS[`../../../docs/user/${chapter}.md`]?.() ?? Promise.resolve('')

/**
 * What the manual says about a page: its own section, then what this person's role does all day.
 * @param {string} page name of the route
 * @returns {Promise<{page: string, role: string}>} markdown
 */
export async function helpFor(page) {
  const [chapter, heading] =
    PAGES[page] ?? (page?.startsWith('Admin') ? ['administrator', ''] : ['using', ''])
  const role = ROLES.find(([name]) => hasRole(name))?.[1]
  const [own, all] = await Promise.all([load(chapter), role && role !== chapter ? load(role) : ''])
  return { page: section(own, heading), role: all }
}
