import { leavesOf, mapLeaves, type ConfigDocument, type Leaf, type LeafPath } from './document';

/**
 * Which fields are secret: `credentials` is everything below it, `accounts.*.apiKey` that field of each account.
 */
export type SecretFields = readonly string[];

/** A secret and where it belongs. */
export type Secret = readonly [path: LeafPath, value: Leaf];

export interface SplitDocument {
  /** Shown to people: a mask stands in place of each secret. */
  masked: ConfigDocument;
  secrets: Secret[];
}

const wholeMask = '********';
/** The end of a secret tells one from another; of a short one it would tell too much. */
const lengthWithEnd = 20;
const endShown = 4;

export function maskOf(secret: Leaf): string {
  if (typeof secret !== 'string' || secret.length < lengthWithEnd) return wholeMask;
  return wholeMask + secret.slice(-endShown);
}

export function isSecretPath(path: LeafPath, fields: SecretFields): boolean {
  return fields.some((field) => {
    const steps = field.split('.');
    return steps.length <= path.length && steps.every((step, index) => step === '*' || step === path[index]);
  });
}

/** An absent or empty secret is none: whether there is one may be seen. */
function isSecret(leaf: Leaf, path: LeafPath, fields: SecretFields): boolean {
  return leaf !== null && leaf !== '' && isSecretPath(path, fields);
}

export function splitSecrets(document: ConfigDocument, fields: SecretFields): SplitDocument {
  const secrets: Secret[] = leavesOf(document)
    .filter(({ leaf, path }) => isSecret(leaf, path, fields))
    .map(({ path, leaf }) => [path, leaf]);
  const masked = mapLeaves(document, (leaf, path) => (isSecret(leaf, path, fields) ? maskOf(leaf) : leaf));
  return { masked, secrets };
}

export function joinSecrets({ masked, secrets }: SplitDocument): ConfigDocument {
  const byPath = new Map(secrets.map(([path, value]) => [JSON.stringify(path), value]));
  return mapLeaves(masked, (leaf, path) => byPath.get(JSON.stringify(path)) ?? leaf);
}

/** A secret that comes back as its mask was not changed: so what was read can be edited and sent again. */
export function keepMasked(
  next: ConfigDocument,
  current: ConfigDocument,
  fields: SecretFields,
): ConfigDocument {
  const known = new Map(leavesOf(current).map(({ path, leaf }) => [JSON.stringify(path), leaf]));
  return mapLeaves(next, (leaf, path) => {
    const before = known.get(JSON.stringify(path));
    if (before === undefined || !isSecret(before, path, fields)) return leaf;
    return leaf === maskOf(before) ? before : leaf;
  });
}
