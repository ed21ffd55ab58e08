/** Node's fast string methods, which its type declarations leave out. */
export interface TextBuffer extends Buffer {
  utf8Slice(start: number, end: number): string
  latin1Slice(start: number, end: number): string
}

/** A Buffer over the same memory, for its fast string methods. */
export function asBuffer(bytes: Uint8Array): TextBuffer {
  return Buffer.from(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.byteLength) as TextBuffer
}
