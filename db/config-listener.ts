import { Client } from 'pg';
import { configSubjects, type ConfigSubject } from './stores/config-versions-store';

/** `everything`: something may have changed unheard, while there was no connection. */
export type ConfigChange = ConfigSubject | 'everything';

export interface ConfigListener {
  onChange(tell: (change: ConfigChange) => void): void;
  start(): void;
  stop(): Promise<void>;
}

export interface ConfigListenerOptions {
  url: string;
  name: string;
  onError: (error: unknown) => void;
  reconnectMs?: number;
  /** A server that has fallen silent closes nothing: it has to be asked. */
  heartbeatMs?: number;
}

const channel = 'config_changed';

/**
 * Hears of new versions of configurations, on a connection of its own. It shortens the life of caches and is not
 * relied upon: each of them also forgets by itself, for a pooler in between may swallow every notification.
 */
export function createConfigListener(options: ConfigListenerOptions): ConfigListener {
  const { reconnectMs = 1_000, heartbeatMs = 15_000 } = options;
  const listeners: ((change: ConfigChange) => void)[] = [];
  let client: Client | undefined;
  let timer: NodeJS.Timeout | undefined;
  let isStopped = true;

  function tell(change: ConfigChange): void {
    for (const listener of listeners) listener(change);
  }

  async function connect(): Promise<void> {
    const own = new Client({
      connectionString: options.url,
      application_name: options.name,
      connectionTimeoutMillis: 5_000,
      query_timeout: 5_000,
      keepAlive: true,
    });
    client = own;
    own.on('error', options.onError);
    own.once('end', () => reconnectAfter(own));
    own.on('notification', ({ payload }) => tell(parseChange(payload)));
    try {
      await own.connect();
      await own.query(`listen ${channel}`);
      tell('everything');
      beat(own);
    } catch (error) {
      options.onError(error);
      reconnectAfter(own);
    }
  }

  function beat(own: Client): void {
    timer = setTimeout(() => {
      own.query('select 1').then(
        () => client === own && beat(own),
        (error: unknown) => {
          options.onError(error);
          reconnectAfter(own);
        },
      );
    }, heartbeatMs);
    timer.unref();
  }

  /** Whatever tells first that a connection is gone; it is told of more than once. */
  function reconnectAfter(own: Client): void {
    if (client !== own) return;
    client = undefined;
    clearTimeout(timer);
    own.end().catch(() => undefined);
    if (isStopped) return;
    timer = setTimeout(() => void connect(), reconnectMs);
    timer.unref();
  }

  return {
    onChange: (listener) => void listeners.push(listener),
    start() {
      if (!isStopped) return;
      isStopped = false;
      void connect();
    },
    async stop() {
      isStopped = true;
      clearTimeout(timer);
      const own = client;
      client = undefined;
      await own?.end().catch(() => undefined);
    },
  };
}

/** `service/<uuid>`; words of a newer build mean that anything may have changed. */
function parseChange(payload = ''): ConfigChange {
  const [word, id] = payload.split('/', 2);
  const kind = configSubjects.find((known) => known === word);
  return kind === undefined || id === undefined ? 'everything' : { kind, id };
}
