import { leavesOf, pathText, type ConfigDocument, type Leaf } from './document';
import { isSecretPath, maskOf, type SecretFields } from './secrets';

export interface Difference {
  field: string;
  /** Undefined: it was not there, or is there no more. Of a secret only its mask. */
  before?: Leaf;
  after?: Leaf;
  isSecret: boolean;
}

/** Field by field. Secrets are compared as they are and shown masked, so that a change of one is seen. */
export function differencesBetween(
  before: ConfigDocument,
  after: ConfigDocument,
  fields: SecretFields,
): Difference[] {
  const old = byField(before);
  const now = byField(after);
  const names = [...new Set([...old.keys(), ...now.keys()])];
  return names
    .filter((name) => old.get(name)?.leaf !== now.get(name)?.leaf)
    .map((name) => {
      const path = (now.get(name) ?? old.get(name))?.path ?? [];
      const isSecret = isSecretPath(path, fields);
      const show = (leaf: Leaf | undefined) =>
        isSecret && leaf != null && leaf !== '' ? maskOf(leaf) : leaf;
      return { field: name, before: show(old.get(name)?.leaf), after: show(now.get(name)?.leaf), isSecret };
    });
}

function byField(document: ConfigDocument) {
  return new Map(leavesOf(document).map((found) => [pathText(found.path), found]));
}
