import { readdirSync } from 'node:fs';
import path from 'node:path';
import type { Knex } from 'knex';

const folder = path.join(__dirname, '..', 'migrations');

/** A migration runs as TypeScript or as built JavaScript: its name, kept in the database, has no ending. */
export const migrationNames: readonly string[] = readdirSync(folder)
  .filter((file) => /^\d+_\w+\.(ts|js)$/.test(file))
  .map((file) => file.replace(/\.(ts|js)$/, ''))
  .sort();

export const migrationSource: Knex.MigrationSource<string> = {
  getMigrations: () => Promise.resolve([...migrationNames]),
  getMigrationName: (name) => name,
  // Not import(): whatever loads this file (tsx, node, a test) must load the migration in the same way.
  getMigration: (name) => Promise.resolve(module.require(path.join(folder, name)) as Knex.Migration),
};
