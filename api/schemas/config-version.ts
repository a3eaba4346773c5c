import { z } from 'zod';
import type { Difference } from '../../domain/config/differences';
import type { ConfigVersion } from '../../db/stores/config-versions-store';
import { limitQuery } from './list';

const versionText = z
  .string()
  .regex(/^[1-9][0-9]{0,8}$/, 'wants the number of a version, such as 1')
  .transform(Number);

export const versionsQuery = z.strictObject({
  limit: limitQuery,
  before: versionText.optional().meta({ description: 'Only versions before this one.' }),
});

export const versionInPath = versionText.meta({ description: 'The number of a version.' });

/** What a version's column holds. */
export const versionNumber = z.int().min(0).max(2_147_483_647);

/** For writing routes: the version that the change is based on. */
export const basedOnVersion = versionNumber.optional().meta({
  description:
    'The version you read (0: never written through this API); the write fails if there has been another one since.',
});

export const changeReason = z
  .string()
  .trim()
  .max(500)
  .default('')
  .meta({ description: 'Why, for whoever reads the versions later.' });

export const rollbackInput = z.strictObject({
  toVersion: versionNumber.min(1).meta({ description: 'The version whose content holds again.' }),
  version: basedOnVersion,
  reason: changeReason,
});

export const versionOutput = z
  .object({
    object: z.literal('config_version'),
    version: z.int(),
    document: z.record(z.string(), z.unknown()).meta({ description: 'As it was; secrets are masked.' }),
    author: z.string(),
    reason: z.string(),
    rolledBackTo: z.int().nullable().meta({ description: 'The version whose content this one repeats.' }),
    recordedAt: z.iso.datetime(),
  })
  .meta({ id: 'ConfigVersion' });

const leaf = z.union([z.string(), z.number(), z.boolean(), z.null()]);

export const differencesOutput = z
  .object({
    object: z.literal('config_differences'),
    fromVersion: z.int().meta({ description: '0: there was nothing before.' }),
    toVersion: z.int(),
    differences: z.array(
      z.object({
        field: z.string(),
        before: leaf.optional().meta({ description: 'Absent when the field was not there.' }),
        after: leaf.optional().meta({ description: 'Absent when the field is there no more.' }),
        isSecret: z.boolean().meta({ description: 'Shown masked; compared as it is.' }),
      }),
    ),
  })
  .meta({ id: 'ConfigDifferences' });

export function presentVersion(row: ConfigVersion): z.input<typeof versionOutput> {
  return {
    object: 'config_version',
    version: row.version,
    document: row.masked,
    author: row.author,
    reason: row.reason,
    rolledBackTo: row.rolledBackTo,
    recordedAt: row.recordedAt.toISOString(),
  };
}

export function presentDifferences(
  versions: { from: number; to: number },
  differences: Difference[],
): z.input<typeof differencesOutput> {
  return {
    object: 'config_differences',
    fromVersion: versions.from,
    toVersion: versions.to,
    differences,
  };
}
