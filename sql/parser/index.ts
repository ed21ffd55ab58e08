/**
 * SQL text to syntax tree, and back to the names that Spark gives to columns without alias. Start at ast.ts
 * (what comes out) and parse.ts (the doors). The text goes through lexer.ts, then query.ts, expression.ts
 * and statement.ts read the tokens. Nothing is looked up here: tables, functions and types of columns belong
 * to the analyzer.
 */

export type * from './ast.ts'
export { type FormatOptions, formatExpression } from './format-expression.ts'
export { formatType } from './format-type.ts'
export { literal } from './literal.ts'
export { parseExpression, parseQuery, parseStatement, parseStatements, parseType } from './parse.ts'
export { isComplete, type StatementText, splitStatements } from './split-statements.ts'
