/** What is configured, as JSON. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };
export type ConfigDocument = { [key: string]: Json };

export type Leaf = string | number | boolean | null;
export type LeafPath = readonly string[];

/** Every leaf of a document in the order it stands there; an empty list or object is none. */
export function leavesOf(value: Json, path: LeafPath = []): { path: LeafPath; leaf: Leaf }[] {
  if (typeof value !== 'object' || value === null) return [{ path, leaf: value }];
  return Object.entries(value).flatMap(([key, inner]) => leavesOf(inner, [...path, key]));
}

export function mapLeaves<Value extends Json>(
  value: Value,
  change: (leaf: Leaf, path: LeafPath) => Json,
): Value {
  return map(value, []) as Value;

  function map(at: Json, path: LeafPath): Json {
    if (Array.isArray(at)) return at.map((item, index) => map(item, [...path, String(index)]));
    if (typeof at !== 'object' || at === null) return change(at, path);
    return Object.fromEntries(Object.entries(at).map(([key, inner]) => [key, map(inner, [...path, key])]));
  }
}

/** `limits.USD.max`, as the API names parameters. */
export function pathText(path: LeafPath): string {
  return path.join('.');
}
