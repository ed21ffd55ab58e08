import { EngineError } from '../../engine/errors.ts'
import type { Expression, Query, Statement, TypeName } from './ast.ts'
import * as expression from './expression.ts'
import { tokenize } from './lexer.ts'
import { parseQuery as queryRule } from './query.ts'
import { parseStatement as statementRule } from './statement.ts'
import { type Grammar, TokenStream } from './token-stream.ts'
import { parseTypeName } from './type-parser.ts'

const GRAMMAR: Grammar = {
  expression: expression.parseExpression,
  value: expression.parseValueExpression,
  query: queryRule,
}

/** One statement; a semicolon may end it. Errors: PARSE_SYNTAX_ERROR, UNSUPPORTED_FEATURE, with position. */
export function parseStatement(text: string): Statement {
  return parseWhole(text, (stream) => {
    const statement = statementRule(stream)
    while (stream.takeSymbol(';'));
    return statement
  })
}

/**
 * All statements of a text, with semicolons between them. Positions count from the start of the whole text.
 */
export function parseStatements(text: string): Statement[] {
  return parseWhole(text, (stream) => {
    const statements: Statement[] = []
    for (;;) {
      while (stream.takeSymbol(';'));
      if (stream.atEnd()) return statements
      stream.parameterCount = 0
      statements.push(statementRule(stream))
      if (!stream.atEnd() && !stream.atSymbol(';')) throw stream.error()
    }
  })
}

/** A query alone, as for a view's text. */
export function parseQuery(text: string): Query {
  return parseWhole(text, queryRule)
}

/** An expression alone, as in `expr('a + 1')`. */
export function parseExpression(text: string): Expression {
  return parseWhole(text, expression.parseExpression)
}

/** A type alone: `decimal(10, 2)`, `array<int>`. */
export function parseType(text: string): TypeName {
  return parseWhole(text, parseTypeName)
}

/**
 * Runs a rule over the whole text. When it fails, runs it again while noting which keywords would have
 * fitted, so that the hint can name them; texts without errors do not pay for that.
 */
function parseWhole<T>(text: string, rule: (stream: TokenStream) => T): T {
  const tokens = tokenize(text)
  try {
    return run(new TokenStream(text, tokens, GRAMMAR, false), rule)
  } catch (error) {
    if (!(error instanceof EngineError) || error.code !== 'PARSE_SYNTAX_ERROR') throw error
  }
  return run(new TokenStream(text, tokens, GRAMMAR, true), rule)
}

function run<T>(stream: TokenStream, rule: (stream: TokenStream) => T): T {
  try {
    const result = rule(stream)
    if (!stream.atEnd()) throw stream.error()
    return result
  } catch (error) {
    // The caller had little stack left: the same to the user as nesting beyond our own limit.
    if (!(error instanceof RangeError)) throw error
    throw new EngineError('PARSE_SYNTAX_ERROR', 'nesting is too deep', {
      cause: error,
      position: stream.position,
      hint: 'Split the statement with WITH or views.',
    })
  }
}
