/**
 * The small language of `depends_on`: `fieldname`, or `eval:` and an expression over `doc` and `parent`.
 * Texts come from metadata that an administrator may have typed, so they are parsed here and never run as script.
 * What is not understood leaves a field as it would be without the condition: shown, open, not asked for. A field
 * too many is better than one that is missing, and the server judges again when the record is saved.
 */

const TOKEN =
  /\s*(?:(\d+(?:\.\d+)?)|("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(===|!==|=>|==|!=|<=|>=|&&|\|\||\?\.|[-+*/%<>!()[\],.?:])|([A-Za-z_$][\w$]*))/y

function tokenize(text) {
  const tokens = []
  TOKEN.lastIndex = 0
  while (TOKEN.lastIndex < text.length) {
    const rest = text.slice(TOKEN.lastIndex)
    if (!rest.trim()) break
    const match = TOKEN.exec(text)
    if (!match) throw new SyntaxError(rest)
    const [, number, string, symbol, word] = match
    if (number !== undefined) tokens.push({ type: 'value', value: Number(number) })
    else if (string !== undefined)
      tokens.push({ type: 'value', value: string.slice(1, -1).replace(/\\(.)/g, '$1') })
    else if (symbol !== undefined) tokens.push({ type: symbol })
    else tokens.push({ type: 'word', value: word })
  }
  return tokens
}

const loose = (a, b) =>
  a === b ||
  String(a ?? '') === String(b ?? '') ||
  (a !== '' && b !== '' && Number(a) === Number(b) && a != null && b != null)
/** A missing value adds nothing to a text. */
const isText = (value) => typeof value === 'string' || Array.isArray(value)
const plus = (a, b) => (isText(a) || isText(b) ? String(a ?? '') + String(b ?? '') : a + b)
const BINARY = [
  { '||': (a, b) => a || b() },
  { '&&': (a, b) => a && b() },
  {
    '==': (a, b) => loose(a, b()),
    '===': (a, b) => loose(a, b()),
    '!=': (a, b) => !loose(a, b()),
    '!==': (a, b) => !loose(a, b()),
  },
  {
    '<': (a, b) => a < b(),
    '>': (a, b) => a > b(),
    '<=': (a, b) => a <= b(),
    '>=': (a, b) => a >= b(),
    in: (a, b) => [].concat(b() ?? []).includes(a),
  },
  { '+': (a, b) => plus(a, b()), '-': (a, b) => a - b() },
  { '*': (a, b) => a * b(), '/': (a, b) => a / b(), '%': (a, b) => a % b() },
]
const WORDS = { true: true, false: false, null: null, undefined: undefined }
const rows = (target) => (Array.isArray(target) ? target : [])
const METHODS = {
  includes: (target, [value]) => (target ?? []).includes(value),
  indexOf: (target, [value]) => (target ?? []).indexOf(value),
  startsWith: (target, [value]) => String(target ?? '').startsWith(value),
  endsWith: (target, [value]) => String(target ?? '').endsWith(value),
  toLowerCase: (target) => String(target ?? '').toLowerCase(),
  trim: (target) => String(target ?? '').trim(),
  some: (target, [test]) => rows(target).some((row) => truthy(test(row))),
  every: (target, [test]) => rows(target).every((row) => truthy(test(row))),
  filter: (target, [test]) => rows(target).filter((row) => truthy(test(row))),
  find: (target, [test]) => rows(target).find((row) => truthy(test(row))),
  has_role: (_target, [role]) => facts.roles.includes(role),
  get_today: () => new Date().toLocaleDateString('sv-SE'),
}
/** Functions that conditions of the framework's own forms use. */
const FUNCTIONS = {
  in_list: (list, value) => rows(list).includes(value),
  has_common: (list, other) => rows(list).some((value) => rows(other).includes(value)),
  cint: (value) => Math.trunc(Number(value)) || 0,
  flt: (value) => Number(value) || 0,
  cstr: (value) => String(value ?? ''),
}
/** Who is asking; the pages say so, because this file stands alone: the server's half is compared with it. */
let facts = { user: '', roles: [] }
/** @param {{user: string, roles: string[]}} given */
export const askedBy = (given) => (facts = given)
const HOST = {
  session: {
    get user() {
      return facts.user
    },
  },
  user: {},
  datetime: {},
}

class Parser {
  constructor(text, scope) {
    this.tokens = tokenize(text)
    this.scope = scope
    this.position = 0
  }

  get next() {
    return this.tokens[this.position]
  }

  take(type) {
    if (this.next?.type !== type) return false
    this.position++
    return true
  }

  expect(type) {
    if (!this.take(type)) throw new SyntaxError(`expected ${type}`)
  }

  run() {
    const thunk = this.ternary()
    if (this.next) throw new SyntaxError('unexpected end')
    return thunk()
  }

  ternary() {
    const condition = this.binary(0)
    if (!this.take('?')) return condition
    const yes = this.ternary()
    this.expect(':')
    const no = this.ternary()
    return () => (condition() ? yes() : no())
  }

  binary(level) {
    if (level === BINARY.length) return this.unary()
    let left = this.binary(level + 1)
    for (;;) {
      const symbol = this.next?.type === 'word' && this.next.value === 'in' ? 'in' : this.next?.type
      const operate = Object.hasOwn(BINARY[level], symbol ?? '') ? BINARY[level][symbol] : null
      if (!operate) return left
      this.position++
      const [before, after] = [left, this.binary(level + 1)]
      left = () => operate(before(), after)
    }
  }

  unary() {
    if (this.take('!')) {
      const inner = this.unary()
      return () => !truthy(inner())
    }
    if (this.take('-')) {
      const inner = this.unary()
      return () => -inner()
    }
    return this.postfix()
  }

  postfix() {
    let target = this.primary()
    for (;;) {
      if (this.take('.') || this.take('?.')) target = this.member(target)
      else if (this.take('[')) {
        const [owner, key] = [target, this.ternary()]
        this.expect(']')
        target = () => own(owner(), key())
      } else return target
    }
  }

  member(owner) {
    const token = this.next
    if (token?.type !== 'word') throw new SyntaxError('name expected')
    this.position++
    if (this.take('(')) {
      const args = this.list(')')
      const method = Object.hasOwn(METHODS, token.value) ? METHODS[token.value] : null
      if (!method) throw new SyntaxError(token.value)
      return () =>
        method(
          owner(),
          args.map((arg) => arg()),
        )
    }
    return () => own(owner(), token.value)
  }

  /** `row => row.amount > 0`, as the argument of a method that looks at rows. */
  arrow() {
    const at = (offset) => this.tokens[this.position + offset]
    const bare = at(0)?.type === 'word' && at(1)?.type === '=>'
    const bracketed =
      at(0)?.type === '(' && at(1)?.type === 'word' && at(2)?.type === ')' && at(3)?.type === '=>'
    if (!bare && !bracketed) return null
    const name = at(bare ? 0 : 1).value
    this.position += bare ? 2 : 4
    const around = this.scope
    const own = { value: undefined }
    this.scope = Object.create(null, {
      ...Object.getOwnPropertyDescriptors(around),
      [name]: { get: () => own.value, enumerable: true, configurable: true },
    })
    const body = this.ternary()
    this.scope = around
    return () => (row) => {
      own.value = row
      return body()
    }
  }

  list(end) {
    const items = []
    while (!this.take(end)) {
      items.push(this.arrow() ?? this.ternary())
      if (this.next?.type !== end) this.expect(',')
    }
    return items
  }

  primary() {
    const token = this.next
    if (!token) throw new SyntaxError('unexpected end')
    this.position++
    if (token.type === 'value') return () => token.value
    if (token.type === '(') {
      const inner = this.ternary()
      this.expect(')')
      return inner
    }
    if (token.type === '[') {
      const items = this.list(']')
      return () => items.map((item) => item())
    }
    if (token.type === 'word') {
      if (Object.hasOwn(WORDS, token.value)) return () => WORDS[token.value]
      const scope = this.scope
      if (Object.hasOwn(scope, token.value)) return () => scope[token.value]
      if (Object.hasOwn(FUNCTIONS, token.value) && this.take('(')) {
        const args = this.list(')')
        return () => FUNCTIONS[token.value](...args.map((arg) => arg()))
      }
    }
    throw new SyntaxError(token.value ?? token.type)
  }
}

/** Only a record's own values and the length of a list can be reached: no prototypes, no functions. */
function own(target, key) {
  if (target === null || target === undefined) return undefined
  if (key === 'length') return target.length
  return Object.hasOwn(target, key) ? target[key] : undefined
}

/** Empty tables and the text "0" count as nothing, as they do for a person. */
const truthy = (value) => (Array.isArray(value) ? value.length > 0 : value !== '0' && Boolean(value))

/**
 * Whether the condition holds.
 * @param {string} condition `fieldname` or `eval:…`
 * @param {object} doc the record or row
 * @param {object} parent the record that holds the row
 * @param {boolean} unknown the answer to an expression that is not understood
 * @returns {boolean}
 */
export function holds(condition, doc, parent = doc, unknown = true) {
  const text = String(condition ?? '').trim()
  if (!text) return true
  if (!text.startsWith('eval:')) return truthy(own(doc, text))
  try {
    return truthy(new Parser(text.slice(5).replace(/;\s*$/, ''), { doc, parent, frappe: HOST }).run())
  } catch {
    return unknown
  }
}
