import type { AnyNode, Function as FunctionNode, Node, Pattern } from 'acorn'
import { acorn } from './late-packages.ts'

/** A name that a text uses but does not declare, and where it first does. */
export interface FreeVariable {
  readonly name: string
  /** Offset in the text. */
  readonly start: number
}

/** A syntax tree node whose members are looked at one by one. */
type Tree = Node & Readonly<Record<string, unknown>>

/** A scope of names; `var` and functions go to the nearest one of a function. */
interface Scope {
  readonly names: Set<string>
  readonly parent: Scope | null
  readonly isFunction: boolean
}

/** The names that an expression uses without declaring them, `this` among them; SyntaxError if it is none. */
export function freeVariables(source: string): readonly FreeVariable[] {
  const program = acorn().parse(`(${source}\n)`, { ecmaVersion: 'latest', sourceType: 'module' })
  const free = new Map<string, number>()
  const scope: Scope = { names: new Set(), parent: null, isFunction: true }
  visit(program as unknown as Tree, scope, (name, start) => {
    if (!free.has(name)) free.set(name, start - 1)
  })
  return [...free].map(([name, start]) => ({ name, start }))
}

type Report = (name: string, start: number) => void

function visit(node: Tree, scope: Scope, report: Report): void {
  const typed = node as unknown as AnyNode
  switch (typed.type) {
    case 'Identifier':
      if (!isDeclared(typed.name, scope)) report(typed.name, typed.start)
      return
    case 'ThisExpression':
      if (!isDeclared('this', scope)) report('this', typed.start)
      return
    case 'MetaProperty':
      if (typed.meta.name === 'import') report('import.meta', typed.start)
      return
    case 'MemberExpression':
      visit(tree(typed.object), scope, report)
      if (typed.computed) visit(tree(typed.property), scope, report)
      return
    case 'Property':
    case 'PropertyDefinition':
    case 'MethodDefinition':
      if (typed.computed) visit(tree(typed.key), scope, report)
      if (typed.value !== null && typed.value !== undefined) visit(tree(typed.value), scope, report)
      return
    case 'LabeledStatement':
      visit(tree(typed.body), scope, report)
      return
    case 'BreakStatement':
    case 'ContinueStatement':
      return
    case 'FunctionDeclaration':
    case 'FunctionExpression':
    case 'ArrowFunctionExpression':
      visitFunction(typed as FunctionNode, scope, report)
      return
    case 'ClassDeclaration':
    case 'ClassExpression': {
      const inner = child(scope)
      if (typed.id !== null && typed.id !== undefined) inner.names.add(typed.id.name)
      inner.names.add('this')
      if (typed.superClass !== null && typed.superClass !== undefined)
        visit(tree(typed.superClass), scope, report)
      visit(tree(typed.body), inner, report)
      return
    }
    case 'CatchClause': {
      const inner = child(scope)
      if (typed.param !== null && typed.param !== undefined) declare(typed.param, inner)
      if (typed.param !== null && typed.param !== undefined) visitDefaults(tree(typed.param), inner, report)
      visit(tree(typed.body), inner, report)
      return
    }
    case 'BlockStatement':
    case 'ForStatement':
    case 'ForInStatement':
    case 'ForOfStatement':
    case 'SwitchStatement':
    case 'StaticBlock': {
      const inner = child(scope)
      hoist(node, inner, inner)
      visitChildren(node, inner, report)
      return
    }
    case 'VariableDeclarator':
      visitDefaults(tree(typed.id), scope, report)
      if (typed.init !== null && typed.init !== undefined) visit(tree(typed.init), scope, report)
      return
    default:
      visitChildren(node, scope, report)
  }
}

function visitFunction(node: FunctionNode, scope: Scope, report: Report): void {
  const inner: Scope = { names: new Set(), parent: scope, isFunction: true }
  if (node.type !== 'ArrowFunctionExpression') for (const name of ['this', 'arguments']) inner.names.add(name)
  if (node.id !== null && node.id !== undefined) inner.names.add(node.id.name)
  for (const param of node.params) declare(param, inner)
  for (const param of node.params) visitDefaults(tree(param), inner, report)
  if (node.body.type === 'BlockStatement') hoist(tree(node.body), inner, inner)
  visit(tree(node.body), inner, report)
}

/** Declares what the statements of a block declare; `var` below it too. */
function hoist(node: Tree, block: Scope, target: Scope): void {
  for (const member of childrenOf(node)) {
    const typed = member as unknown as AnyNode
    if (typed.type === 'VariableDeclaration') {
      const scope = typed.kind === 'var' ? functionScope(target) : block
      for (const { id } of typed.declarations) declare(id, scope)
      hoistVars(member, target)
    } else if (typed.type === 'FunctionDeclaration' || typed.type === 'ClassDeclaration') {
      if (typed.id !== null && typed.id !== undefined) block.names.add(typed.id.name)
    } else if (typed.type === 'SwitchCase') hoist(member, block, target)
    else hoistVars(member, target)
  }
}

function hoistVars(node: Tree, target: Scope): void {
  const typed = node as unknown as AnyNode
  if (/Function|Class/.test(typed.type)) return
  if (typed.type === 'VariableDeclaration' && typed.kind === 'var')
    for (const { id } of typed.declarations) declare(id, functionScope(target))
  for (const member of childrenOf(node)) hoistVars(member, target)
}

function functionScope(scope: Scope): Scope {
  return scope.isFunction || scope.parent === null ? scope : functionScope(scope.parent)
}

function declare(pattern: Pattern, scope: Scope): void {
  switch (pattern.type) {
    case 'Identifier':
      scope.names.add(pattern.name)
      return
    case 'ObjectPattern':
      for (const property of pattern.properties)
        declare(property.type === 'RestElement' ? property.argument : property.value, scope)
      return
    case 'ArrayPattern':
      for (const element of pattern.elements) if (element !== null) declare(element, scope)
      return
    case 'RestElement':
      declare(pattern.argument, scope)
      return
    case 'AssignmentPattern':
      declare(pattern.left, scope)
      return
    case 'MemberExpression':
      return
  }
}

/** The default values and computed names in a pattern are uses; its names, now declared, do no harm. */
function visitDefaults(pattern: Tree, scope: Scope, report: Report): void {
  visit(pattern, scope, report)
}

function visitChildren(node: Tree, scope: Scope, report: Report): void {
  for (const member of childrenOf(node)) visit(member, scope, report)
}

function childrenOf(node: Tree): Tree[] {
  return Object.values(node)
    .flatMap((value) => (Array.isArray(value) ? value : [value]))
    .filter(isTree)
}

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string'
}

/** acorn's nodes have no index signature. */
function tree(node: Node): Tree {
  return node as unknown as Tree
}

function child(parent: Scope): Scope {
  return { names: new Set(), parent, isFunction: false }
}

function isDeclared(name: string, scope: Scope | null): boolean {
  return scope !== null && (scope.names.has(name) || isDeclared(name, scope.parent))
}
