/**
 * What people and monitors see of a driver: the views (views.ts), made of its records (cluster-history.ts),
 * as REST and a page (http-server.ts, page/) and for Prometheus. It reads and tells; it takes no orders.
 */
export * from './cluster-history.ts'
export * from './http-server.ts'
export * from './openapi.ts'
export type * from './views.ts'
