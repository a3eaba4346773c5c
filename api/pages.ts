import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Response } from 'express';
import type { Metrics } from '../telemetry/metrics';
import { place, type Mount } from './app';
import { errorsAsHtml } from './errors-page';
import { documentAsYaml, type currentDocument } from './openapi/current';

/**
 * What answers in something else than JSON messages: the reference for people, and metrics for Prometheus. The reference
 * is put together when somebody first asks for it: it costs some tenths of a second, which a start need not wait for.
 */
export function createPages(deps: { metrics: Metrics; document: typeof currentDocument }): Mount {
  const document = once(deps.document);
  const specJson = once(() => JSON.stringify(document()));
  const specYaml = once(() => documentAsYaml(document()));
  const errors = errorsAsHtml();
  const contents = assets.map(([name, type]) => ({
    ...{ name, type },
    content: readFileSync(path.join(assetFolder, name)),
  }));

  return (app, under) => {
    place(app, 'get', `${under}/`, (_request, response) => page(response, rootPage));
    place(app, 'get', `${under}/metrics`, async (_request, response) => {
      text(response, deps.metrics.registry.contentType, await deps.metrics.registry.metrics());
    });
    place(app, 'get', `${under}/openapi.json`, (_request, response) =>
      text(response, 'application/json', specJson()),
    );
    place(app, 'get', `${under}/openapi.yaml`, (_request, response) =>
      text(response, 'application/yaml', specYaml()),
    );
    place(app, 'get', `${under}/docs`, (_request, response) => page(response, referencePage));
    place(app, 'get', `${under}/docs/errors`, (_request, response) => page(response, errors));
    place(app, 'get', `${under}/docs/start.js`, (_request, response) =>
      text(response, 'text/javascript', startScript),
    );
    for (const { name, type, content } of contents) {
      place(app, 'get', `${under}/docs/${name}`, (_request, response) => {
        response.setHeader('Cache-Control', 'public, max-age=3600');
        text(response, type, content);
      });
    }
  };
}

function once<Made extends object | string>(make: () => Made): () => Made {
  let made: Made | undefined;
  return () => (made ??= make());
}

const assetFolder = path.dirname(require.resolve('swagger-ui-dist/package.json'));
const assets = [
  ['swagger-ui.css', 'text/css'],
  ['swagger-ui-bundle.js', 'text/javascript'],
] as const;

/** For whoever opens the address alone. */
const rootPage = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Durapay</title></head><body>
<h1>Durapay</h1><p>This is the API of a payment platform. Its routes begin with <code>/api/v1</code>.</p><ul>
<li><a href="/docs">Reference</a>, also as <a href="/openapi.json">JSON</a> and <a href="/openapi.yaml">YAML</a></li>
<li><a href="/docs/errors">What each error means</a></li><li><a href="/readyz">Whether it is ready</a></li></ul></body></html>`;

const referencePage = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Durapay API</title>
<link rel="stylesheet" href="/docs/swagger-ui.css"></head><body><div id="reference"></div>
<script src="/docs/swagger-ui-bundle.js"></script><script src="/docs/start.js"></script></body></html>`;

const startScript = `SwaggerUIBundle({ url: '/openapi.json', dom_id: '#reference', deepLinking: true, validatorUrl: null });`;

/** Everything from here, nothing from elsewhere; Swagger UI styles its elements itself. */
const pagePolicy =
  "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'";

function page(response: Response, html: string): void {
  response.setHeader('Content-Security-Policy', pagePolicy);
  text(response, 'text/html; charset=utf-8', html);
}

function text(response: Response, type: string, content: string | Buffer): void {
  response.setHeader('Content-Type', type);
  response.end(content);
}
