/** Workflows on a canvas: where states stand, what is wrong with them, and what would happen. No network, no screen. */
import { holds as holdsFor } from './expression'

export const GAP = { x: 230, y: 130 }
export const SIZE = { width: 150, height: 56 }

/** The column of each state: behind all states above it in the list that lead to it. */
export function columns(workflow) {
  const states = workflow.states.map((row) => row.state)
  const found = {}
  states.forEach((state, index) => {
    const before = workflow.transitions
      .filter((step) => step.next_state === state && states.indexOf(step.state) < index)
      .map((step) => found[step.state])
      .filter((column) => column !== undefined)
    found[state] = before.length ? Math.max(...before) + 1 : 0
  })
  return found
}

/** How many steps a state is from the first one; a state that cannot be reached has no place here. */
export function depths(workflow) {
  const states = workflow.states.map((row) => row.state)
  const found = new Map(states.length ? [[states[0], 0]] : [])
  const queue = [...found.keys()]
  while (queue.length) {
    const state = queue.shift()
    for (const step of workflow.transitions.filter((row) => row.state === state))
      if (states.includes(step.next_state) && !found.has(step.next_state)) {
        found.set(step.next_state, found.get(state) + 1)
        queue.push(step.next_state)
      }
  }
  return found
}

/**
 * Where each state stands: as somebody put it, else in columns, one behind the other.
 * @returns {Record<string, {x: number, y: number}>}
 */
export function places(workflow) {
  const kept = keptPlaces(workflow.workflow_data)
  const far = columns(workflow)
  const rows = {}
  return Object.fromEntries(
    workflow.states.map(({ state }) => {
      const column = far[state]
      rows[column] = (rows[column] ?? -1) + 1
      return [state, kept[state] ?? { x: 24 + column * GAP.x, y: 24 + rows[column] * GAP.y }]
    }),
  )
}

/** The framework keeps a list of drawn things beside the workflow; states carry their place. */
export function keptPlaces(data) {
  let nodes = data
  try {
    nodes = typeof data === 'string' ? JSON.parse(data || '[]') : data
  } catch {
    return {}
  }
  return Object.fromEntries(
    (Array.isArray(nodes) ? nodes : [])
      .filter((node) => node?.type === 'state' && node.data?.state && node.position)
      .map((node) => [node.data.state, node.position]),
  )
}

/** The same list for the places that hold now. */
export const placesToKeep = (at) =>
  JSON.stringify(
    Object.entries(at).map(([state, position], index) => ({
      id: String(index + 1),
      type: 'state',
      position,
      data: { state },
    })),
  )

const ALLOWED = { 0: [0, 1], 1: [1, 2], 2: [2] }

/**
 * What is wrong, each with the state or step it concerns.
 * @returns {{words: string, values: any[], error: boolean}[]}
 */
export function problems(workflow) {
  const { states, transitions } = workflow
  const status = Object.fromEntries(states.map((row) => [row.state, Number(row.doc_status)]))
  const far = depths(workflow)
  const found = []
  const add = (words, values, error = true) => found.push({ words, values, error })
  if (!states.length) add('A workflow needs a state.', [])
  const seen = new Set()
  for (const { state } of states) {
    if (seen.has(state)) add('State {0} stands here twice.', [state])
    seen.add(state)
    if (!far.has(state)) add('Nothing leads to state {0}.', [state], false)
  }
  for (const step of transitions) {
    if (!step.action || !step.allowed) add('A step from {0} needs an action and a role.', [step.state])
    if (!(step.state in status) || !(step.next_state in status))
      add('A step {0} begins or ends nowhere.', [step.action])
    else if (!ALLOWED[status[step.state]].includes(status[step.next_state]))
      add('The step {0} from {1} to {2} is not possible: a submitted record does not become a draft again.', [
        step.action,
        step.state,
        step.next_state,
      ])
  }
  return found
}

/** Conditions of steps are Python; the face's little language knows the same under other signs. */
const PYTHON = [
  [/\bin \(([^()]*)\)/g, 'in [$1]'],
  [/([\w.]+) not in \[([^\]]*)\]/g, '!($1 in [$2])'],
  [/\band\b/g, '&&'],
  [/\bor\b/g, '||'],
  [/\bnot\b/g, '!'],
  [/\bTrue\b/g, 'true'],
  [/\bFalse\b/g, 'false'],
  [/\bNone\b/g, 'null'],
]

/** Whether a condition of a step holds for a record. */
export function holds(condition, doc) {
  if (!condition) return true
  const text = PYTHON.reduce((whole, [word, sign]) => whole.replace(word, sign), condition)
  return holdsFor(`eval:${text}`, doc)
}

/**
 * The steps from a state, each with whether it could be taken and, if not, why.
 * @param {{transitions: object[]}} workflow
 * @param {string} state
 * @param {string[]} roles
 * @param {object} doc
 */
export function possible(workflow, state, roles, doc = {}) {
  return workflow.transitions
    .filter((step) => step.state === state)
    .map((step) => {
      if (!roles.includes(step.allowed)) return { step, may: false, why: 'role' }
      if (!holds(step.condition, doc)) return { step, may: false, why: 'condition' }
      return { step, may: true, why: '' }
    })
}

const WORD = { width: 96, height: 28 }

/**
 * Places for the words at the arrows, none upon another: who comes later goes further down.
 * Nor do they lie upon a state.
 * @param {{x: number, y: number}[]} wanted
 * @param {{x: number, y: number}[]} states corners of the boxes
 */
export function spread(wanted, states = []) {
  const taken = []
  return wanted.map(({ x, y }) => {
    const hit = (at) =>
      taken.some((other) => Math.abs(other.x - x) < WORD.width && Math.abs(other.y - at) < WORD.height) ||
      states.some(
        (box) =>
          Math.abs(box.x + SIZE.width / 2 - x) < (SIZE.width + WORD.width) / 2 &&
          Math.abs(box.y + SIZE.height / 2 - at) < (SIZE.height + WORD.height) / 2,
      )
    let at = y
    while (hit(at)) at += WORD.height
    taken.push({ x, y: at })
    return { x, y: at }
  })
}

/** The arrow of a step: from side to side, bent where two go the same way. */
export function arrow(from, to, bend = 0) {
  if (from === to) {
    const { x, y } = from
    return {
      path: `M${x + 40} ${y} C${x + 20} ${y - 46} ${x + 110} ${y - 46} ${x + 90} ${y}`,
      middle: { x: x + 65, y: y - 34 },
    }
  }
  const back = to.x <= from.x
  const begin = back
    ? { x: from.x + SIZE.width / 2, y: from.y + SIZE.height }
    : { x: from.x + SIZE.width, y: from.y + SIZE.height / 2 }
  const end = back
    ? { x: to.x + SIZE.width / 2, y: to.y + SIZE.height }
    : { x: to.x, y: to.y + SIZE.height / 2 }
  const depth = 44 + bend * 26
  const middle = {
    x: (begin.x + end.x) / 2,
    y: (begin.y + end.y) / 2 + (back ? depth * 0.75 : bend * 26),
  }
  const path = back
    ? `M${begin.x} ${begin.y} C${begin.x} ${begin.y + depth} ${end.x} ${end.y + depth} ${end.x} ${end.y}`
    : `M${begin.x} ${begin.y} Q${middle.x} ${middle.y + bend * 26} ${end.x} ${end.y}`
  return { path, middle }
}
