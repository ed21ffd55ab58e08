/**
 * `high` where bytes take so long to come that reads should begin before they are needed. It may change: what
 * the page cache lacks of a local file comes from a disk.
 */
export type Latency = 'low' | 'high'

/** How a part of a file is read. */
export interface ReadOptions {
  /** The caller has other work until the bytes are there: reading must not keep its thread. */
  readonly isAhead?: boolean
  /** Gives up, with an error. Nothing is written any more once the read has ended. */
  readonly signal?: AbortSignal
}

/** A file that can be read anywhere: local, or over HTTP ranges. */
export interface RandomAccessFile {
  readonly path: string
  readonly sizeBytes: number
  readonly latency: Latency
  /** Fills `into` with the bytes from `offset` on; IO_ERROR if the file ends before. */
  read(offset: number, into: Uint8Array, options?: ReadOptions): Promise<void>
  /** Only when no read is under way. */
  close(): Promise<void>
}

/** What a listing tells of a file. */
export interface FileInfo {
  readonly path: string
  readonly sizeBytes: number
  readonly modifiedMs: number
  readonly isDirectory: boolean
}

/** A file that is written from start to end. It exists for readers only after `close`. */
export interface FileWriter {
  write(bytes: Uint8Array): Promise<void>
  close(): Promise<void>
  /** Gives up: nothing is left behind. */
  abort(): Promise<void>
}

/**
 * One kind of storage, chosen by the scheme of a path. Paths are absolute or relative to the working folder.
 */
export interface FileSystem {
  readonly latency: Latency
  /**
   * FILE_NOT_FOUND if there is none. `sizeBytes`: what a listing told, which then need not be asked again.
   */
  open(path: string, sizeBytes?: number): Promise<RandomAccessFile>
  /** The bytes of a file in order, from `offset` on, in pieces of at most `pieceBytes`. */
  stream(path: string, offset: number, pieceBytes: number): AsyncIterable<Uint8Array>
  stat(path: string): Promise<FileInfo | null>
  /** Direct members of a folder, by name; FILE_NOT_FOUND if there is no such folder. */
  list(path: string): Promise<readonly FileInfo[]>
  /** PATH_ALREADY_EXISTS with `exclusive` if the file is there. Makes missing folders. */
  create(path: string, options?: { readonly exclusive?: boolean }): Promise<FileWriter>
  rename(from: string, to: string): Promise<void>
  /** Removes a file, or a folder with all that is in it. No error if it is not there. */
  remove(path: string): Promise<void>
  makeFolder(path: string): Promise<void>
}
