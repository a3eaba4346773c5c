import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { errorsAsMarkdown } from '../errors-page';
import { currentDocument, documentAsYaml } from './current';

/** `npm run openapi`: writes docs/api-spec.yaml and docs/errors.md. */
const docs = path.join(__dirname, '..', '..', 'docs');
writeFileSync(path.join(docs, 'api-spec.yaml'), documentAsYaml(currentDocument()));
writeFileSync(path.join(docs, 'errors.md'), errorsAsMarkdown());
console.log('Wrote docs/api-spec.yaml and docs/errors.md.');
