import { create, type MessageInitShape } from '@bufbuild/protobuf'
import {
  type DriverMessage,
  DriverMessageSchema,
  type ExecutorOrder,
  ExecutorOrderSchema,
  type WorkerOrder,
  WorkerOrderSchema,
} from '../../proto/cluster/index.ts'

type KindOf<Shape extends { readonly kind?: unknown }> = NonNullable<Shape['kind']>

/** Such as `workerOrder({ case: 'welcome', value: { heartbeatMs: 1000 } })`. */
export function workerOrder(kind: KindOf<MessageInitShape<typeof WorkerOrderSchema>>): WorkerOrder {
  return create(WorkerOrderSchema, { kind })
}

/** Such as `executorOrder({ case: 'cancel', value: { attemptIds } })`. */
export function executorOrder(kind: KindOf<MessageInitShape<typeof ExecutorOrderSchema>>): ExecutorOrder {
  return create(ExecutorOrderSchema, { kind })
}

/** Such as `driverMessage({ case: 'size', value: { slots: 8, workers: 2 } })`. */
export function driverMessage(kind: KindOf<MessageInitShape<typeof DriverMessageSchema>>): DriverMessage {
  return create(DriverMessageSchema, { kind })
}
