import { createRouter, createWebHistory } from 'vue-router'
import { watchBack } from './lib/back'
import { isGuest } from './lib/boot'

/** Every page is its own chunk: what a clerk opens first stays small. */
const routes = [
  { path: '/login', name: 'Login', component: () => import('./pages/Login.vue'), meta: { guest: true } },
  { path: '/', name: 'Workbench', component: () => import('./pages/Workbench.vue') },
  {
    path: '/workspace/:name',
    name: 'Workspace',
    component: () => import('./pages/Workspace.vue'),
    props: true,
  },
  { path: '/list/:doctype', name: 'List', component: () => import('./pages/List.vue'), props: true },
  { path: '/form/:doctype/:name', name: 'Form', component: () => import('./pages/Form.vue'), props: true },
  { path: '/new/:doctype', name: 'New', component: () => import('./pages/Form.vue'), props: true },
  { path: '/report/:name', name: 'Report', component: () => import('./pages/Report.vue'), props: true },
  { path: '/build/:doctype', name: 'Build', component: () => import('./pages/Build.vue'), props: true },
  { path: '/import/:name?', name: 'Import', component: () => import('./pages/Import.vue'), props: true },
  {
    path: '/print-format/:name?',
    name: 'PrintFormat',
    component: () => import('./pages/PrintFormat.vue'),
    props: true,
  },
  { path: '/boards/:name?', name: 'Boards', component: () => import('./pages/Boards.vue'), props: true },
  { path: '/apply/:kind?', name: 'Apply', component: () => import('./pages/Apply.vue'), props: true },
  {
    path: '/application/:name',
    name: 'Application',
    component: () => import('./pages/Application.vue'),
    props: true,
  },
  {
    path: '/practitioner/:name',
    name: 'Practitioner',
    component: () => import('./pages/Practitioner.vue'),
    props: true,
  },
  { path: '/ballot/:name', name: 'Ballot', component: () => import('./pages/Ballot.vue'), props: true },
  {
    path: '/catalogue-import/:name?',
    name: 'CatalogueImport',
    component: () => import('./pages/CatalogueImport.vue'),
    props: true,
  },
  {
    path: '/reevaluation/:name?',
    name: 'Reevaluation',
    component: () => import('./pages/Reevaluation.vue'),
    props: true,
  },
  {
    path: '/forms/response/:name',
    name: 'FormResponse',
    component: () => import('./pages/FormResponse.vue'),
    props: true,
  },
  {
    path: '/forms/template/:name?',
    name: 'FormTemplate',
    component: () => import('./pages/FormTemplate.vue'),
    props: true,
  },
  {
    path: '/report-event/:kind?',
    name: 'ReportEvent',
    component: () => import('./pages/ReportEvent.vue'),
    props: true,
  },
  { path: '/my-events', name: 'MyEvents', component: () => import('./pages/MyEvents.vue') },
  { path: '/event/:name', name: 'Event', component: () => import('./pages/Event.vue'), props: true },
  { path: '/go/:name', name: 'Message', component: () => import('./pages/Message.vue'), props: true },
  { path: '/integration', name: 'Integration', component: () => import('./pages/Integration.vue') },
  { path: '/audit', name: 'Audit', component: () => import('./pages/Audit.vue') },
  { path: '/admin', name: 'Admin', component: () => import('./pages/Admin.vue') },
  {
    path: '/admin/fields/:doctype?',
    name: 'AdminFields',
    component: () => import('./pages/AdminFields.vue'),
    props: true,
  },
  {
    path: '/admin/rights/:doctype?',
    name: 'AdminRights',
    component: () => import('./pages/AdminRights.vue'),
    props: true,
  },
  {
    path: '/admin/workflow/:name?',
    name: 'AdminWorkflow',
    component: () => import('./pages/AdminWorkflow.vue'),
    props: true,
  },
  { path: '/scan', name: 'Scan', component: () => import('./pages/Scan.vue') },
  { path: '/outbox', name: 'Outbox', component: () => import('./pages/Outbox.vue') },
  { path: '/:path(.*)*', name: 'NotFound', component: () => import('./pages/NotFound.vue') },
]

export const router = createRouter({ history: createWebHistory('/medaffairs/'), routes })

router.beforeEach((to) => {
  if (isGuest() && !to.meta.guest) return { name: 'Login', query: { next: to.fullPath } }
  if (!isGuest() && to.name === 'Login') return { name: 'Workbench' }
  return true
})

watchBack(router)
