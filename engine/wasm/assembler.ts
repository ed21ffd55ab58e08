/** Value types of WebAssembly, by their byte in the binary format. */
export const wasm = { i32: 0x7f, i64: 0x7e, f64: 0x7c } as const

/** One of the value types. */
export type WasmType = (typeof wasm)[keyof typeof wasm]

/** Opcodes we emit: https://webassembly.github.io/spec/core/binary/instructions.html */
export const op = {
  unreachable: 0x00,
  block: 0x02,
  loop: 0x03,
  if: 0x04,
  else: 0x05,
  end: 0x0b,
  br: 0x0c,
  brIf: 0x0d,
  return: 0x0f,
  drop: 0x1a,
  select: 0x1b,
  localGet: 0x20,
  localSet: 0x21,
  localTee: 0x22,
  i32Load: 0x28,
  i64Load: 0x29,
  f32Load: 0x2a,
  f64Load: 0x2b,
  i32Load8S: 0x2c,
  i32Load8U: 0x2d,
  i32Load16S: 0x2e,
  i64Load8S: 0x30,
  i64Load16S: 0x32,
  i64Load32S: 0x34,
  i32Store: 0x36,
  i64Store: 0x37,
  f32Store: 0x38,
  f64Store: 0x39,
  i32Store8: 0x3a,
  i64Store8: 0x3c,
  i64Store16: 0x3d,
  i64Store32: 0x3e,
  i32Const: 0x41,
  i64Const: 0x42,
  f64Const: 0x44,
  i32Eqz: 0x45,
  i32Eq: 0x46,
  i32Ne: 0x47,
  i32LtS: 0x48,
  i32LtU: 0x49,
  i32GtS: 0x4a,
  i32LeS: 0x4c,
  i32GeS: 0x4e,
  i64Eqz: 0x50,
  i64Eq: 0x51,
  i64Ne: 0x52,
  i64LtS: 0x53,
  i64LtU: 0x54,
  i64GtS: 0x55,
  i64GtU: 0x56,
  i64LeS: 0x57,
  i64LeU: 0x58,
  i64GeS: 0x59,
  i64GeU: 0x5a,
  f64Eq: 0x61,
  f64Ne: 0x62,
  f64Lt: 0x63,
  f64Gt: 0x64,
  f64Le: 0x65,
  f64Ge: 0x66,
  i32Add: 0x6a,
  i32Sub: 0x6b,
  i32Mul: 0x6c,
  i32And: 0x71,
  i32Or: 0x72,
  i32Xor: 0x73,
  i32Shl: 0x74,
  i32ShrS: 0x75,
  i32ShrU: 0x76,
  i64Add: 0x7c,
  i64Sub: 0x7d,
  i64Mul: 0x7e,
  i64DivS: 0x7f,
  i64RemS: 0x81,
  i64And: 0x83,
  i64Or: 0x84,
  i64Xor: 0x85,
  i64Shl: 0x86,
  i64ShrS: 0x87,
  i64ShrU: 0x88,
  f64Abs: 0x99,
  f64Neg: 0x9a,
  f64Add: 0xa0,
  f64Sub: 0xa1,
  f64Mul: 0xa2,
  f64Div: 0xa3,
  i32WrapI64: 0xa7,
  i64ExtendI32S: 0xac,
  i64ExtendI32U: 0xad,
  f32DemoteF64: 0xb6,
  f64ConvertI64S: 0xb9,
  f64PromoteF32: 0xbb,
} as const

/** The block type of a block without result. */
const NO_RESULT = 0x40

/** Unsigned LEB128. */
function unsigned(value: number): number[] {
  const bytes: number[] = []
  let rest = value >>> 0
  do {
    const low = rest & 0x7f
    rest >>>= 7
    bytes.push(rest === 0 ? low : low | 0x80)
  } while (rest !== 0)
  return bytes
}

/** Signed LEB128 of any width. */
function signed(value: bigint): number[] {
  const bytes: number[] = []
  let rest = value
  for (;;) {
    const low = Number(rest & 0x7fn)
    rest >>= 7n
    if ((rest === 0n && (low & 0x40) === 0) || (rest === -1n && (low & 0x40) !== 0)) return [...bytes, low]
    bytes.push(low | 0x80)
  }
}

/** Collects the body of one function. Locals are numbered behind the parameters. */
export class FunctionEmitter {
  readonly #params: readonly WasmType[]
  readonly #locals: WasmType[] = []
  readonly #code: number[] = []
  #depth = 0

  constructor(params: readonly WasmType[]) {
    this.#params = params
  }

  /** A new local; gives its index. It starts as zero. */
  local(type: WasmType): number {
    this.#locals.push(type)
    return this.#params.length + this.#locals.length - 1
  }

  /** An instruction without operands. */
  emit(...opcodes: readonly number[]): this {
    this.#code.push(...opcodes)
    return this
  }

  get(local: number): this {
    return this.emit(op.localGet, ...unsigned(local))
  }

  set(local: number): this {
    return this.emit(op.localSet, ...unsigned(local))
  }

  tee(local: number): this {
    return this.emit(op.localTee, ...unsigned(local))
  }

  i32(value: number): this {
    return this.emit(op.i32Const, ...signed(BigInt(value | 0)))
  }

  /** Pushes an i32 that becomes known later: `fill` takes what this gives. */
  i32Later(): number {
    this.emit(op.i32Const)
    const at = this.#code.length
    this.emit(0x80, 0x80, 0x80, 0x80, 0)
    return at
  }

  /** Puts in the number that `i32Later` left open; it is not negative. */
  fill(at: number, value: number): void {
    for (let byte = 0; byte < 5; byte++)
      this.#code[at + byte] = ((value >>> (7 * byte)) & 0x7f) | (byte < 4 ? 0x80 : 0)
  }

  i64(value: bigint): this {
    return this.emit(op.i64Const, ...signed(BigInt.asIntN(64, value)))
  }

  f64(value: number): this {
    return this.emit(op.f64Const, ...new Uint8Array(new Float64Array([value]).buffer))
  }

  /** A load or store of `1 << alignLog2` bytes at the address on the stack plus `offset`. */
  memory(opcode: number, alignLog2: number, offset = 0): this {
    return this.emit(opcode, alignLog2, ...unsigned(offset))
  }

  /** A number for a branch to the end of a block, or the start of a loop, that is open now. */
  get label(): number {
    return this.#depth
  }

  block(): this {
    this.#depth++
    return this.emit(op.block, NO_RESULT)
  }

  loop(): this {
    this.#depth++
    return this.emit(op.loop, NO_RESULT)
  }

  /** Runs the code up to `else` or `end` if the i32 on the stack is not 0. */
  if(): this {
    this.#depth++
    return this.emit(op.if, NO_RESULT)
  }

  else(): this {
    return this.emit(op.else)
  }

  end(): this {
    this.#depth--
    return this.emit(op.end)
  }

  /** Jumps out of the block, or to the start of the loop, whose `label` was taken just inside it. */
  br(label: number): this {
    return this.emit(op.br, ...unsigned(this.#depth - label))
  }

  /** The same if the i32 on the stack is not 0. */
  brIf(label: number): this {
    return this.emit(op.brIf, ...unsigned(this.#depth - label))
  }

  /** Size, local declarations and code, as the code section holds them. */
  body(): number[] {
    const locals = this.#locals.flatMap((type) => [1, type])
    const body = [...unsigned(this.#locals.length), ...locals, ...this.#code, op.end]
    return [...unsigned(body.length), ...body]
  }

  get params(): readonly WasmType[] {
    return this.#params
  }
}

/** Most pages of a WebAssembly memory: the arena declares the same. */
const MAX_PAGES = 65_536

/**
 * A module with one exported function `run`, over the shared arena imported as `env.memory`.
 * Binary format: https://webassembly.github.io/spec/core/binary/modules.html
 */
export function assembleModule(emitter: FunctionEmitter, results: readonly WasmType[]): Uint8Array {
  const type = [1, 0x60, ...vector(emitter.params), ...vector(results)]
  const memory = [1, ...name('env'), ...name('memory'), 0x02, 0x03, 1, ...unsigned(MAX_PAGES)]
  const functions = [1, 0]
  const exports = [1, ...name('run'), 0x00, 0]
  const code = [1, ...emitter.body()]
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, type),
    ...section(2, memory),
    ...section(3, functions),
    ...section(7, exports),
    ...section(10, code),
  ])
}

function section(id: number, content: readonly number[]): number[] {
  return [id, ...unsigned(content.length), ...content]
}

function vector(items: readonly number[]): number[] {
  return [...unsigned(items.length), ...items]
}

function name(text: string): number[] {
  return vector([...Buffer.from(text)])
}
