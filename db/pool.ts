import { Pool, types, type PoolClient, type QueryConfig, type QueryResult, type QueryResultRow } from 'pg';

// The parsers are one for the whole process, so they are set in this module and nowhere else.
// int8 and numeric hold counts and amounts: never a floating-point number.
types.setTypeParser(types.builtins.INT8, (text) => BigInt(text));
types.setTypeParser(types.builtins.NUMERIC, (text) => BigInt(text));

/** What a store needs: a pool, or one connection inside a transaction. */
export interface Queryable {
  query<Row extends QueryResultRow>(statement: QueryConfig): Promise<QueryResult<Row>>;
  query<Row extends QueryResultRow>(text: string, values?: unknown[]): Promise<QueryResult<Row>>;
}

export type Database = Pool;
export type Transaction = PoolClient;

export interface PoolOptions {
  url: string;
  size: number;
  statementTimeoutMs: number;
  name: string;
  onIdleError?: (error: Error) => void;
}

/** By how much a server's own time-out may reach us later than it happened. */
const answerLagMs = 500;

export function createPool(options: PoolOptions): Database {
  const pool = new Pool({
    connectionString: options.url,
    max: options.size,
    application_name: options.name,
    connectionTimeoutMillis: 5_000,
    idleTimeoutMillis: 60_000,
    statement_timeout: options.statementTimeoutMs,
    // A server that has fallen silent can't time anything out: then this side does, and drops the connection.
    query_timeout: options.statementTimeoutMs + answerLagMs,
    idle_in_transaction_session_timeout: 15_000,
    keepAlive: true,
  });
  // Without a listener a server that goes away takes the process with it; the next query reports it anyway.
  pool.on('error', (error) => options.onIdleError?.(error));
  // The same for a connection that is in use by a transaction: the pool listens to idle ones only.
  pool.on('connect', (connection) => connection.on('error', () => undefined));
  return pool;
}
