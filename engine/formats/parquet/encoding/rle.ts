import { HybridDecoder, type HybridState, type KernelHost } from '../../../kernels/index.ts'
import { corrupt, type Place } from '../corrupt-file.ts'

/** Decodes runs and bit-packed numbers in `bytes[from .. end)`; what is malformed is CORRUPT_FILE. */
export function rleDecoder(
  host: KernelHost,
  state: HybridState,
  bytes: Uint8Array,
  from: number,
  end: number,
  width: number,
  place: Place,
): HybridDecoder {
  return new HybridDecoder(host, state, bytes, from, end, width, (reason) => corrupt(place, reason))
}
