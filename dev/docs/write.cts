/** Writes the parts of the documents that are made from what the package does. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import prettier from 'prettier';
import { ROOT } from '../root.cts';
import { withEvents } from './triggerPage.cts';

const PAGE = join(ROOT, 'docs/trigger.md');

async function main() {
	const options = { ...(await prettier.resolveConfig(PAGE)), filepath: PAGE };
	const page = withEvents(readFileSync(PAGE, 'utf8'));
	writeFileSync(PAGE, await prettier.format(page, options));
}

void main();
