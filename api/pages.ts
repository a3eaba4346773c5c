import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Router, type Response } from 'express';
import type { Metrics } from '../telemetry/metrics';
import { errorsAsHtml } from './errors-page';
import { documentAsYaml, type currentDocument } from './openapi/current';

type Document = ReturnType<typeof currentDocument>;

/** What answers in something else than JSON messages: the reference for people, and metrics for Prometheus. */
export function createPages(deps: { metrics: Metrics; document: Document }): Router {
  const router = Router();
  const specJson = JSON.stringify(deps.document);
  const specYaml = documentAsYaml(deps.document);
  const errors = errorsAsHtml();

  router.get('/metrics', async (_request, response) => {
    text(response, deps.metrics.registry.contentType, await deps.metrics.registry.metrics());
  });
  router.get('/openapi.json', (_request, response) => text(response, 'application/json', specJson));
  router.get('/openapi.yaml', (_request, response) => text(response, 'application/yaml', specYaml));
  router.get('/docs', (_request, response) => page(response, referencePage));
  router.get('/docs/errors', (_request, response) => page(response, errors));
  router.get('/docs/start.js', (_request, response) => text(response, 'text/javascript', startScript));
  for (const [name, type] of assets) {
    const content = readFileSync(path.join(assetFolder, name));
    router.get(`/docs/${name}`, (_request, response) => {
      response.setHeader('Cache-Control', 'public, max-age=3600');
      text(response, type, content);
    });
  }
  return router;
}

const assetFolder = path.dirname(require.resolve('swagger-ui-dist/package.json'));
const assets = [
  ['swagger-ui.css', 'text/css'],
  ['swagger-ui-bundle.js', 'text/javascript'],
] as const;

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
