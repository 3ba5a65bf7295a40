/** One entry of a table: a sentence, or one for each plural form that a language needs. */
export type Message = string | { readonly one: string; readonly other: string };

/** A table with the same keys and the same kind of entry, in another language. */
export type Translated<T> = {
  readonly [K in keyof T]: T[K] extends string
    ? string
    : { readonly one: string; readonly other: string };
};

type Names<S extends string> = S extends `${string}{${infer Name}}${infer Rest}`
  ? Name | Names<Rest>
  : never;

/** The names in braces of an entry; a plural entry always takes `n`. */
export type Params<M> = M extends string
  ? Names<M>
  : M extends { one: infer A extends string; other: infer B extends string }
    ? Names<A> | Names<B> | 'n'
    : never;

/** Fills the braces. A name without a value stays visible, so a test or an eye finds it. */
export function fill(text: string, values: Readonly<Record<string, string | number>>): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = values[name];
    return value === undefined ? whole : String(value);
  });
}
