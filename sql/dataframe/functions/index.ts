/** The functions of columns: the registry's by their names in camelCase. One file for each family. */
export * from './aggregate.ts'
export * from './conditional.ts'
export * from './datetime.ts'
export * from './general.ts'
export * from './lambda.ts'
export * from './math.ts'
export * from './nested.ts'
export * from './text.ts'
