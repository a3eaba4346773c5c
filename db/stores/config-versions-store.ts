import type { ConfigDocument } from '../../domain/config/document';
import { joinSecrets, splitSecrets, type Secret, type SecretFields } from '../../domain/config/secrets';
import type { SecretBox } from '../../security/secret-box';
import type { Queryable, Transaction } from '../pool';

/** What has versions; each kind keeps what holds now in a table of its own. */
export const configSubjects = ['service', 'channel_config', 'routing_rules'] as const;

export interface ConfigSubject {
  kind: (typeof configSubjects)[number];
  id: string;
}

export interface ConfigVersion {
  version: number;
  /** Secrets masked: fit to be shown. */
  masked: ConfigDocument;
  author: string;
  reason: string;
  rolledBackTo: number | null;
  recordedAt: Date;
}

export interface NewConfigVersion {
  document: ConfigDocument;
  secretFields: SecretFields;
  /** The version that was read (0: none yet); undefined: whatever stands there. */
  basedOn?: number;
  author: string;
  reason?: string;
  rolledBackTo?: number;
}

export interface ConfigVersions {
  /** In the transaction that changes what holds now. Undefined, and nothing written: another version came first. */
  write(
    transaction: Transaction,
    subject: ConfigSubject,
    next: NewConfigVersion,
  ): Promise<number | undefined>;
  /** Newest first, at most 200 a page. */
  list(
    db: Queryable,
    subject: ConfigSubject,
    page: { limit: number; before?: number },
  ): Promise<ConfigVersion[]>;
  /** One version with its secrets in clear: to compare, or to bring back. */
  read(
    db: Queryable,
    subject: ConfigSubject,
    version: number,
  ): Promise<(ConfigVersion & { document: ConfigDocument }) | undefined>;
}

interface Raw {
  version: number;
  document: ConfigDocument;
  secrets: Buffer;
  author: string;
  reason: string;
  rolled_back_to: number | null;
  recorded_at: Date;
}

const pageMax = 200;

export function createConfigVersions({ secretBox }: { secretBox: SecretBox }): ConfigVersions {
  return {
    async write(transaction, subject, next) {
      // Two who write at once take turns; the second then sees the first one's version.
      await transaction.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [
        `config_versions/${subject.kind}/${subject.id}`,
      ]);
      const latest = await latestVersion(transaction, subject);
      if (next.basedOn !== undefined && next.basedOn !== latest) return undefined;
      const version = latest + 1;
      const { masked, secrets } = splitSecrets(next.document, next.secretFields);
      await transaction.query(
        `insert into config_versions
           (subject, subject_id, version, document, secrets, author, reason, rolled_back_to)
         values ($1, $2, $3, $4, $5, $6, $7, $8)`,
        [
          subject.kind,
          subject.id,
          version,
          masked,
          secretBox.seal(JSON.stringify(secrets), placeOf(subject, version)),
          next.author,
          next.reason ?? '',
          next.rolledBackTo ?? null,
        ],
      );
      return version;
    },

    async list(db, subject, page) {
      const { rows } = await db.query<Raw>(
        `select * from config_versions
         where subject = $1 and subject_id = $2 and ($3::int is null or version < $3)
         order by version desc limit $4`,
        [subject.kind, subject.id, page.before ?? null, Math.min(page.limit, pageMax)],
      );
      return rows.map(fromRow);
    },

    async read(db, subject, version) {
      const { rows } = await db.query<Raw>(
        'select * from config_versions where subject = $1 and subject_id = $2 and version = $3',
        [subject.kind, subject.id, version],
      );
      const row = rows[0];
      if (row === undefined) return undefined;
      const secrets = JSON.parse(secretBox.openText(row.secrets, placeOf(subject, version))) as Secret[];
      return { ...fromRow(row), document: joinSecrets({ masked: row.document, secrets }) };
    },
  };
}

/** 0: there is none. */
async function latestVersion(db: Queryable, subject: ConfigSubject): Promise<number> {
  const { rows } = await db.query<{ version: number | null }>(
    'select max(version) as version from config_versions where subject = $1 and subject_id = $2',
    [subject.kind, subject.id],
  );
  return rows[0]?.version ?? 0;
}

function placeOf({ kind, id }: ConfigSubject, version: number): string {
  return `config_versions.secrets/${kind}/${id}/${version}`;
}

function fromRow(row: Raw): ConfigVersion {
  return {
    version: row.version,
    masked: row.document,
    author: row.author,
    reason: row.reason,
    rolledBackTo: row.rolled_back_to,
    recordedAt: row.recorded_at,
  };
}
