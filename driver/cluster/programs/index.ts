/**
 * Programs that run without their client: kept in the driver's state folder, run as processes of their own,
 * and started again with the driver until they have ended. Start with programs.ts.
 */
export * from './programs.ts'
