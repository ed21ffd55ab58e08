/** What fixtures import: the declarations that a user of the package gets. */
export type * from '../../../dist/engine/types/index.js'
export * from '../../../dist/sql/dataframe/index.js'
