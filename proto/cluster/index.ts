/**
 * Messages and services between processes, made from the .proto files beside this folder, which are the
 * reference. `npm run proto` makes them again.
 */
export * from './generated/driver_pb.ts'
export * from './generated/shuffle_pb.ts'
export * from './generated/worker_pb.ts'
