import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { testServers } from './servers';

export interface FreshDatabase {
  /** As the application: may only do what the migrations grant. */
  url: string;
  /** As the owner: may change tables. */
  ownerUrl: string;
  drop(): Promise<void>;
}

/** A database of this test's own, migrated: a clone of the run's template (some 50 ms). */
export function freshDatabase(): Promise<FreshDatabase> {
  return databaseFrom(testServers().template);
}

/** Without a schema. */
export function emptyDatabase(): Promise<FreshDatabase> {
  return databaseFrom('template1');
}

async function databaseFrom(template: string): Promise<FreshDatabase> {
  const servers = testServers();
  const name = `test_${randomBytes(6).toString('hex')}`;
  await asAdmin(servers.adminUrl, `create database ${name} template ${template} owner durapay_owner`);
  return {
    url: servers.appUrl.replace('DATABASE', name),
    ownerUrl: servers.ownerUrl.replace('DATABASE', name),
    drop: () => asAdmin(servers.adminUrl, `drop database if exists ${name} with (force)`),
  };
}

async function asAdmin(url: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
