import { type KernelHost, kernelsOf } from './load.ts'

/** Loops over codes and offsets on their way between processes. Addresses are of the arena. */
export interface WireKernels {
  narrowCodes(codes: number, length: number, width: number, out: number): void
  widenCodes(codes: number, length: number, width: number, out: number): number
  greatestCode(codes: number, length: number): number
  offsetsRise(offsets: number, length: number): number
  lowerOffsets(offsets: number, count: number, start: number): void
}

/** The kernels; what they give as codes may be negative: take it `>>> 0`. */
export function wireKernels(host: KernelHost): WireKernels {
  return kernelsOf<WireKernels>(host)
}
