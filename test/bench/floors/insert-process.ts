import { randomUUID } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { Pool } from 'pg';

/** The least that taking an event in can be: read a body, insert one row, wait for the commit, answer. */
interface InsertFloorSettings {
  databaseUrl: string;
  poolSize: number;
}

async function main(): Promise<void> {
  const { databaseUrl, poolSize } = JSON.parse(process.env.FLOOR ?? '{}') as InsertFloorSettings;
  const pool = new Pool({ connectionString: databaseUrl, max: poolSize, keepAlive: true });
  await pool.query('create table if not exists bench_events (id uuid primary key, body bytea not null)');

  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.use(express.raw({ type: () => true }));
  app.post('/events', async (request, response) => {
    await pool.query({
      name: 'insert',
      text: 'insert into bench_events (id, body) values ($1, $2)',
      values: [randomUUID(), request.body],
    });
    response.status(200).setHeader('Content-Type', 'application/json');
    response.end('{"received":true}');
  });
  const server = app.listen(0, '127.0.0.1', () => {
    const { port } = server.address() as AddressInfo;
    process.send?.({ ready: { url: `http://127.0.0.1:${port}/events` } });
  });
  server.keepAliveTimeout = 60_000;
  process.once('SIGTERM', () => process.exit(0));
  process.once('disconnect', () => process.exit(0));
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
