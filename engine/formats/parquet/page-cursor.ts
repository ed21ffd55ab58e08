import type { FlatVector } from '../../batch/index.ts'
import type { Region } from '../../memory/index.ts'
import { corrupt, type Place } from './corrupt-file.ts'
import { ENCODING } from './format.ts'
import type { ChunkMetadata } from './metadata.ts'
import { type DataPage, type Page, PageReader, type Segment } from './page.ts'
import { PageDecoder, valuesOf } from './page-decoder.ts'
import type { Leaf } from './schema.ts'
import type { Target } from './target.ts'
import type { ValueDecoder } from './values.ts'

/** A dictionary has few entries if they are worth a look before the values: so many values have one. */
const VALUES_PER_ENTRY = 4

/**
 * Stands at a data page of a column chunk. A page is decompressed only when it is opened, and the dictionary
 * when the first page is, so that a page of unwanted rows costs its header.
 */
export class PageCursor {
  readonly leaf: Leaf
  readonly decoder: PageDecoder
  readonly #pages: PageReader
  #page: Page | null = null
  #dictionary: Page | null = null
  /** Whether there was a page that is not codes of the dictionary. */
  #sawValues = false
  readonly #valueCount: number

  /** Dictionaries lie in `region`, which must outlive all batches; `passing` is reset at will. */
  constructor(
    segments: readonly Segment[],
    leaf: Leaf,
    chunk: ChunkMetadata,
    path: string,
    region: Region,
    passing: Region,
  ) {
    this.leaf = leaf
    this.#valueCount = chunk.valueCount
    this.#pages = new PageReader(segments, leaf, chunk, path, region)
    this.decoder = new PageDecoder(leaf, region, passing)
  }

  get place(): Place {
    return this.#pages.place
  }

  /** The chunk's dictionary, if all data pages are codes of it and it has few entries for them; else null. */
  dictionary(): FlatVector | null {
    const ahead = this.#pages.lookAhead()
    if (this.#sawValues || ahead.some(holdsValues)) return null
    const [first] = ahead
    const isKnown = this.#dictionary !== null || this.decoder.dictionary !== null
    if (!isKnown && first?.kind === 'dictionary') this.#dictionary = this.#pages.next()
    this.#openDictionary()
    return this.decoder.dictionaryVector(this.#valueCount / VALUES_PER_ENTRY)
  }

  /** Moves to the next data page that is not empty; gives its entries, or 0 at the end. */
  next(): number {
    for (;;) {
      const page = this.#pages.next()
      this.#page = page
      if (page === null) return 0
      this.#sawValues ||= holdsValues(page)
      if (page.kind === 'data') {
        if (page.entryCount > 0) return page.entryCount
        continue
      }
      if (this.#dictionary !== null || this.decoder.dictionary !== null)
        throw corrupt(page.place, 'a column has two dictionaries')
      this.#dictionary = page
    }
  }

  /** As `next`; CORRUPT_FILE if there is no page though `wanted` rows are missing. */
  require(wanted: number): number {
    const entryCount = this.next()
    if (entryCount > 0) return entryCount
    throw corrupt(this.place, `column "${this.leaf.path.join('.')}" ends ${wanted} rows too early`)
  }

  /** The bytes of the page, once; valid until the next is opened. */
  open(): { readonly page: DataPage; readonly values: ValueDecoder<Target> } {
    this.#openDictionary()
    const page = this.#pages.openData(this.#page!)
    return { page, values: this.decoder.decoder(valuesOf(page)) }
  }

  #openDictionary(): void {
    const page = this.#dictionary
    if (page === null) return
    this.#dictionary = null
    const { encoding } = page.header.dictionary!
    if (encoding !== ENCODING.PLAIN && encoding !== ENCODING.PLAIN_DICTIONARY)
      throw corrupt(page.place, `a dictionary has the encoding ${encoding}`)
    this.decoder.readDictionary(this.#pages.openDictionary(page), page.entryCount, page.place)
  }
}

function holdsValues({ kind, header }: Page): boolean {
  const encoding = (header.data ?? header.dataV2)?.encoding
  return kind === 'data' && encoding !== ENCODING.RLE_DICTIONARY && encoding !== ENCODING.PLAIN_DICTIONARY
}
