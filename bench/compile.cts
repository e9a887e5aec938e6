import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { ROOT } from '../dev/root.cts';

/** What the processes of the benchmark consist of. */
const SOURCES = ['bench', 'dev'];

/** Below the modules that they need, and where nothing is kept. */
const COMPILED = join(ROOT, 'node_modules/.cache/n8n-nodes-loyaltylion');

/**
 * Compiles the processes of the benchmark beforehand, so that they are plain JavaScript, and no compiler is in
 * what is measured.
 *
 * @returns the folder that they are in
 */
export function compile(): string {
	rmSync(COMPILED, { recursive: true, force: true });
	for (const source of SOURCES) {
		for (const file of readdirSync(join(ROOT, source), { recursive: true, encoding: 'utf8' })) {
			compileFile(join(source, file));
		}
	}
	return join(COMPILED, 'bench');
}

function compileFile(file: string) {
	const [from, to] = [join(ROOT, file), join(COMPILED, file)];
	mkdirSync(join(to, '..'), { recursive: true });
	if (file.endsWith('.yaml')) cpSync(from, to);
	if (!file.endsWith('.cts') || file.endsWith('.d.cts')) return;
	const { outputText } = ts.transpileModule(readFileSync(from, 'utf8'), {
		fileName: from,
		compilerOptions: {
			target: ts.ScriptTarget.ES2023,
			module: ts.ModuleKind.CommonJS,
			esModuleInterop: true,
			rewriteRelativeImportExtensions: true,
		},
	});
	writeFileSync(to.replace(/\.cts$/, '.cjs'), outputText);
}
