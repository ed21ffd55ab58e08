/**
 * Certificates of a cluster: an authority, what it signs for driver, workers and clients, and those that
 * block services make for themselves when they start. Files and flags are the command line's matter.
 */
export * from './certificate.ts'
