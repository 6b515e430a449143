type Optional<T> = { [K in keyof T]-?: undefined extends T[K] ? K : never }[keyof T];

export type Present<T> = { [K in Exclude<keyof T, Optional<T>>]: T[K] } & {
  [K in Optional<T>]?: Exclude<T[K], undefined>;
};

/** The same fields without those that are undefined: "not written" and "written as undefined" are then one thing. */
export function present<T extends object>(fields: T): Present<T> {
  const kept: Record<string, unknown> = {};
  // Not Object.entries: this runs dozens of times for every object that is watched, and its pairs are garbage.
  for (const key of Object.keys(fields) as (keyof T & string)[]) {
    const value = fields[key];
    if (value !== undefined) kept[key] = value;
  }
  return kept as Present<T>;
}
