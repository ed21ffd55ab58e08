import { type KernelHost, kernelsOf } from './load.ts'
import type { TextFields } from './text-fields.ts'

interface StringKernels {
  textBytes(fields: number, count: number, control: number): number
  textCopy(
    text: number,
    fields: number,
    count: number,
    first: number,
    offsets: number,
    validity: number,
    control: number,
    out: number,
    used: number,
  ): number
  textCodes(
    text: number,
    fields: number,
    count: number,
    first: number,
    codes: number,
    validity: number,
    control: number,
    dictionary: number,
  ): number
  textOfCodes(
    codes: number,
    validity: number,
    count: number,
    dictionary: number,
    offsets: number,
    out: number,
  ): number
}

/** Words of the block that describes a dictionary. */
export const DICTIONARY_CONTROL = {
  /** Address of int32 slots, zero at first: a power of two, more than entries. */
  slots: 0,
  slotMask: 1,
  /** Address of int32 offsets of the entries, one more than entries; the first is 0. */
  offsets: 2,
  bytes: 3,
  maxEntries: 4,
  maxBytes: 5,
  entries: 6,
  length: 7,
} as const

/** Bytes that texts take at most. */
export function textBytes(host: KernelHost, { fields, count }: TextFields, control: Int32Array): number {
  return kernelsOf<StringKernels>(host).textBytes(fields.byteOffset, count, control.byteOffset)
}

/** Copies texts, without their escapes, to `out[used…]`; gives the bytes used then. */
export function copyTexts(
  host: KernelHost,
  { text, fields, count, first }: TextFields,
  control: Int32Array,
  target: { readonly offsets: Int32Array; readonly validity: Uint8Array; readonly out: Uint8Array },
  used: number,
): number {
  return kernelsOf<StringKernels>(host).textCopy(
    text.byteOffset,
    fields.byteOffset,
    count,
    first,
    target.offsets.byteOffset,
    target.validity.byteOffset,
    control.byteOffset,
    target.out.byteOffset,
    used,
  )
}

/**
 * Texts as codes of a dictionary, to which new ones are added. Gives the number of fields that were done:
 * fewer than there are where the dictionary is full or a text has escapes.
 */
export function encodeTexts(
  host: KernelHost,
  { text, fields, count, first }: TextFields,
  control: Int32Array,
  target: { readonly codes: Int32Array; readonly validity: Uint8Array; readonly dictionary: Int32Array },
): number {
  return kernelsOf<StringKernels>(host).textCodes(
    text.byteOffset,
    fields.byteOffset,
    count,
    first,
    target.codes.byteOffset,
    target.validity.byteOffset,
    control.byteOffset,
    target.dictionary.byteOffset,
  )
}

/** The texts of the first `count` codes, as `copyTexts` puts them; gives the bytes used. */
export function decodeTexts(
  host: KernelHost,
  count: number,
  source: { readonly codes: Int32Array; readonly dictionary: Int32Array },
  target: { readonly offsets: Int32Array; readonly validity: Uint8Array; readonly out: Uint8Array },
): number {
  return kernelsOf<StringKernels>(host).textOfCodes(
    source.codes.byteOffset,
    target.validity.byteOffset,
    count,
    source.dictionary.byteOffset,
    target.offsets.byteOffset,
    target.out.byteOffset,
  )
}
