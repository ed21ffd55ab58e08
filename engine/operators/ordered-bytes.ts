import { type BytesVector, bytesVector, type Vector, valueReader } from '../batch/index.ts'
import type { Region } from '../memory/index.ts'
import { type DataType, mapEntryType, types, type Value } from '../types/index.ts'

/**
 * Lists, structs and maps as bytes that order as the values do: members in turn, the shorter list first, NULL
 * members first. The slow way, value by value; NULL rows give no bytes.
 */
export function orderedBytes(vector: Vector, region: Region): BytesVector {
  const read = valueReader(vector)
  const write = writerOf(vector.type)
  const sink: ByteSink = { bytes: new Uint8Array(1024), length: 0 }
  const offsets = region.int32(vector.length + 1)
  for (let row = 0; row < vector.length; row++) {
    offsets[row] = sink.length
    const value = read(row)
    if (value !== null) write(value, sink)
  }
  offsets[vector.length] = sink.length
  const bytes = region.uint8(sink.length)
  bytes.set(sink.bytes.subarray(0, sink.length))
  return bytesVector(types.binary, vector.length, offsets, bytes)
}

interface ByteSink {
  bytes: Uint8Array
  length: number
}

type Writer = (value: Value, sink: ByteSink) => void

function push(sink: ByteSink, byte: number): void {
  if (sink.length === sink.bytes.length) {
    const larger = new Uint8Array(sink.length * 2)
    larger.set(sink.bytes)
    sink.bytes = larger
  }
  sink.bytes[sink.length++] = byte
}

// What stands before a member; the end of a list comes before any member.
const END = 0
const NULL_MEMBER = 1
const MEMBER = 2

function writerOf(type: DataType): Writer {
  switch (type.kind) {
    case 'list':
      return listWriter(writerOf(type.element))
    case 'map':
      return listWriter(writerOf(mapEntryType(type)))
    case 'struct': {
      const members = type.fields.map((field) => memberWriter(writerOf(field.type)))
      return (value, sink) => {
        for (const [index, write] of members.entries()) write((value as readonly Value[])[index]!, sink)
      }
    }
    case 'string':
      return (value, sink) => writeBytes(Buffer.from(value as string), sink)
    case 'binary':
      return (value, sink) => writeBytes(value as Uint8Array, sink)
    case 'float32':
    case 'float64':
      return (value, sink) => writeFloat(value as number, sink)
    case 'boolean':
      return (value, sink) => push(sink, value === true ? 1 : 0)
    case 'null':
      return () => {}
    default:
      return (value, sink) => writeInteger(BigInt(value as number | bigint), sink)
  }
}

function memberWriter(write: Writer): Writer {
  return (value, sink) => {
    push(sink, value === null ? NULL_MEMBER : MEMBER)
    if (value !== null) write(value, sink)
  }
}

function listWriter(element: Writer): Writer {
  const member = memberWriter(element)
  return (value, sink) => {
    for (const item of value as readonly Value[]) member(item, sink)
    push(sink, END)
  }
}

/** Zeros are doubled with 0xff behind, two zeros end. */
function writeBytes(bytes: Uint8Array, sink: ByteSink): void {
  for (const byte of bytes) {
    push(sink, byte)
    if (byte === 0) push(sink, 0xff)
  }
  push(sink, 0)
  push(sink, 0)
}

/** 128 bits, the sign inverted, most significant byte first. */
function writeInteger(value: bigint, sink: ByteSink): void {
  const biased = value + (1n << 127n)
  for (let shift = 120n; shift >= 0n; shift -= 8n) push(sink, Number((biased >> shift) & 0xffn))
}

const double = new DataView(new ArrayBuffer(8))

function writeFloat(value: number, sink: ByteSink): void {
  double.setFloat64(0, value === 0 ? 0 : value)
  const isNegative = value < 0
  for (let byte = 0; byte < 8; byte++) {
    const bits = double.getUint8(byte)
    push(sink, Number.isNaN(value) ? 0xff : isNegative ? ~bits & 0xff : byte === 0 ? bits ^ 0x80 : bits)
  }
}
