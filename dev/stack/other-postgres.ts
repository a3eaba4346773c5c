/** PGSSLMODE, PGOPTIONS and the like, with which a shell is about a PostgreSQL of its own: `pg` heeds them at any address. */
const isAboutPostgres = (name: string) => name.startsWith('PG');

export function withoutOtherPostgres(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !isAboutPostgres(name)));
}

/** For this process's own connections. */
export function forgetOtherPostgres(): void {
  for (const name of Object.keys(process.env).filter(isAboutPostgres)) delete process.env[name];
}
