import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';

const root = path.join(__dirname, '..', '..', '..');

function pagesUnder(folder: string): string[] {
  return readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => path.join(folder, name));
}

/** Where a page leads inside of the repository: `[text](place)`, without what stands in code. */
function linksOf(page: string): string[] {
  const text = readFileSync(path.join(root, page), 'utf8').replaceAll(/^```.*?^```|`[^`\n]*`/gms, '');
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, place = '']) => place.replace(/#.*$/, ''))
    .filter((place) => place !== '' && !/^[a-z]+:/.test(place))
    .map((place) => path.join(path.dirname(page), place));
}

/** Who is led to a folder sees what is in it. */
function reachedFrom(start: string): Set<string> {
  const reached = new Set([start]);
  for (const page of reached) {
    for (const place of page.endsWith('.md') ? linksOf(page) : []) {
      if (!existsSync(path.join(root, place))) continue;
      const isFolder = statSync(path.join(root, place)).isDirectory();
      for (const found of isFolder ? pagesUnder(place) : [place]) reached.add(found);
    }
  }
  return reached;
}

const pages = ['README.md', 'CONTRIBUTING.md', ...pagesUnder('docs')];

test('every page is reached from README', () => {
  const reached = reachedFrom('README.md');
  expect(pages.filter((page) => !reached.has(page))).toEqual([]);
});

test('README names every page of docs/ itself', () => {
  const named = new Set(linksOf('README.md'));
  const own = pagesUnder('docs').filter((page) => path.dirname(page) === 'docs');
  expect(own.filter((page) => !named.has(page))).toEqual([]);
});

test.each(pages)('%s leads only to what is there', (page) => {
  expect(linksOf(page).filter((place) => !existsSync(path.join(root, place)))).toEqual([]);
});
