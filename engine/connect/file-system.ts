/** A file that can be read anywhere: local, or over HTTP ranges. */
export interface RandomAccessFile {
  readonly path: string
  readonly sizeBytes: number
  /** Fills `into` with the bytes from `offset` on; IO_ERROR if the file ends before. */
  read(offset: number, into: Uint8Array): Promise<void>
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
  /** FILE_NOT_FOUND if there is none. */
  open(path: string): Promise<RandomAccessFile>
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
