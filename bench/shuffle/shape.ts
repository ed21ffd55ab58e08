/** What two processes move between them. */
export interface ShuffleShape {
  readonly jobId: string
  readonly token: string
  readonly maps: number
  readonly partitions: number
  readonly mapRows: number
  /** Null: as usual, which is none between processes of one host. */
  readonly compress: boolean | null
}

/** What the holder says when it can be asked. */
export interface HolderReady {
  readonly address: string
  /** Of all rows, as they lie in memory. */
  readonly bytes: number
}

/** What the holder has done so far. */
export interface HolderUse {
  readonly checksumMs: number
  readonly compressMs: number
  readonly frameBytes: number
  readonly chunkBytes: number
  readonly cpuMs: number
}
