import type { PhysicalPlan } from '../../engine/plan/index.ts'
import type { ProgramOutput, ProgramSource, Step } from '../../engine/user-code/index.ts'

/**
 * How an RDD comes about. Plain data but for `deferred` and `cached`, which hold what an action finds out.
 */
export type RddNode =
  /** Values or lines that stand by partition. */
  | {
      readonly kind: 'source'
      readonly source: Extract<ProgramSource, { readonly kind: 'values' | 'text' | 'saved' }>
    }
  /** Rows of a query as objects. */
  | { readonly kind: 'plan'; readonly make: () => Promise<PhysicalPlan> }
  | { readonly kind: 'step'; readonly input: RddNode; readonly step: Step }
  /** The partitions of all, one after the other. */
  | { readonly kind: 'union'; readonly inputs: readonly RddNode[] }
  /** Values move to other partitions; `outputs[i]` says how those of input i do. */
  | {
      readonly kind: 'exchange'
      readonly inputs: readonly RddNode[]
      readonly outputs: readonly MovingOutput[]
    }
  /**
   * What it is made of is only known after work of the driver: a listing of files, a job that counts or
   * samples.
   */
  | { readonly kind: 'deferred'; readonly resolve: (run: JobContext) => Promise<RddNode> }
  /** Kept by the first action that needs it. */
  | { readonly kind: 'cached'; readonly input: RddNode; readonly cache: RddCache }

/** A plan whose rows a cluster keeps under a key. */
export interface KeptStage {
  readonly plan: PhysicalPlan
  readonly key: string
  readonly storage: 'memory' | 'disk'
}

/** An output that changes partitions. */
export type MovingOutput = Exclude<ProgramOutput, { readonly kind: 'own' | 'rows' }>

/** What an action lets its preparations do. */
export interface JobContext {
  /** What a deferred node is; found out once an action. */
  readonly resolve: (node: RddNode & { readonly kind: 'deferred' }) => Promise<RddNode>
  /** Runs a node; its values by partition. */
  readonly partitionsOf: (node: RddNode) => Promise<readonly (readonly unknown[])[]>
  /** Runs a node; its chunks by partition, in shared memory. */
  readonly chunksOf: (node: RddNode) => Promise<readonly (readonly Uint8Array[])[]>
  readonly partitionCountOf: (node: RddNode) => Promise<number>
  /** Tasks that run at a time: the number of partitions where none is given. */
  readonly slots: number
  /** Whether kept values lie in a cluster, as the output of a stage. */
  readonly keepsStages: boolean
}

/** The partitions of a cached RDD. */
export interface RddCache {
  /** On a cluster: the stage whose output is kept, which is always the same. */
  stage(run: JobContext, input: RddNode): Promise<KeptStage>
  /** The chunks, once an action has needed them. Callers at the same time share the work. */
  chunks(run: JobContext, input: RddNode): Promise<readonly (readonly Uint8Array[])[]>
  /** Lets go of them. */
  clear(): Promise<void>
}
