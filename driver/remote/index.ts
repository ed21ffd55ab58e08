/**
 * Sessions whose jobs run on a cluster: the stream to its driver, jobs that go there and rows that come back,
 * and clusters of processes of this machine. What the driver does with jobs is driver/cluster. Start with
 * remote-runner.ts.
 */
export * from './connect-cluster.ts'
export type * from './driver-link.ts'
export * from './remote-runner.ts'
