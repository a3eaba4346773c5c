import { z } from 'zod';
import { idPrefixes, parsePublicId, type IdKind } from '../../domain/ids';
import { issueWith } from '../middleware/validate';

/** A public id in a path. One that can't exist is not there, the same as one that doesn't. */
export function idInPath(kind: IdKind) {
  return idText(kind).transform((text, ctx) => {
    const uuid = parsePublicId(kind, text);
    if (uuid !== undefined) return uuid;
    ctx.addIssue(issueWith('not_found'));
    return z.NEVER;
  });
}

/** A public id elsewhere in a request, where a wrong one is a mistake to point at. */
export function idInput(kind: IdKind) {
  return idText(kind).transform((text, ctx) => {
    const uuid = parsePublicId(kind, text);
    if (uuid !== undefined) return uuid;
    ctx.addIssue(
      issueWith('parameter_invalid', `An id here looks like ${idPrefixes[kind]}_ and 32 hex digits.`),
    );
    return z.NEVER;
  });
}

function idText(kind: IdKind) {
  return z.string().meta({ pattern: `^${idPrefixes[kind]}_[0-9a-f]{32}$` });
}

/** In answers. */
export function idOutput(kind: IdKind) {
  return z.string().meta({ pattern: `^${idPrefixes[kind]}_[0-9a-f]{32}$` });
}
