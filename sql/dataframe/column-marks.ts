declare const isNumber: unique symbol
declare const isText: unique symbol
declare const isCondition: unique symbol
declare const isTime: unique symbol
declare const isInterval: unique symbol
declare const isBytes: unique symbol
declare const isList: unique symbol
declare const isMap: unique symbol
declare const isStruct: unique symbol

/** A column of numbers. These marks, only for the compiler, keep its errors to two or three lines. */
export interface NumberMark {
  readonly [isNumber]: true
}

/** A column of strings. */
export interface TextMark {
  readonly [isText]: true
}

/** A column of booleans. */
export interface ConditionMark {
  readonly [isCondition]: true
}

/** A column of dates or timestamps. */
export interface TimeMark {
  readonly [isTime]: true
}

/** A column of intervals. */
export interface IntervalMark {
  readonly [isInterval]: true
}

/** A column of bytes. */
export interface BytesMark {
  readonly [isBytes]: true
}

/** A column of arrays. */
export interface ListMark {
  readonly [isList]: true
}

/** A column of maps. */
export interface MapMark {
  readonly [isMap]: true
}

/** A column of structs. */
export interface StructMark {
  readonly [isStruct]: true
}
