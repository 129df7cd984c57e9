/** Assertions that the type checker makes. */

/** True when the two types are the same, also in optionality and readonly. */
export type Equal<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** True when a value of type A may be used where B is wanted. */
export type Fits<A, B> = [A] extends [B] ? true : false;

/** True when each may be used where the other is wanted: enums of two packages are never the same type. */
export type Interchangeable<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false;

/** Names and numbers of an enum, as plain data. */
export type EnumTable<E> = { [K in keyof E]: E[K] extends number ? `${E[K]}` : never };

/** Does not compile unless its argument is true. */
export type Expect<T extends true> = T;
