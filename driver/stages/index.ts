/** Jobs as DAGs of stages: the words (job-graph.ts) and how a plan is cut (split-stages.ts). */
export * from './job-graph.ts'
export * from './split-stages.ts'
export * from './task-inputs.ts'
