/** What fixtures import: the declarations that a user of the package gets. */
export * from '../../../dist/driver/index.js'
