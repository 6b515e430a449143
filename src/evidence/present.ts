type Optional<T> = { [K in keyof T]-?: undefined extends T[K] ? K : never }[keyof T];

export type Present<T> = { [K in Exclude<keyof T, Optional<T>>]: T[K] } & {
  [K in Optional<T>]?: Exclude<T[K], undefined>;
};

/** The same fields without those that are undefined: "not written" and "written as undefined" are then one thing. */
export function present<T extends object>(fields: T): Present<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Present<T>;
}
