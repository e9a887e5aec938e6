import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';

/** The rules of the house, as CONTRIBUTING.md tells them. */

const ROOT = join(__dirname, '..');
const NODE = join(ROOT, 'nodes/LoyaltyLion');
const CRUISE = join(ROOT, 'node_modules/.bin/depcruise');
const RULES = join(ROOT, 'dependency-cruiser.config.cjs');

function filesIn(folder: string): string[] {
	return readdirSync(folder, { recursive: true, withFileTypes: true })
		.filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
		.map((entry) => join(entry.parentPath, entry.name));
}

/** @param root of a checkout */
function cruise(root: string) {
	const { stdout, status } = spawnSync(CRUISE, ['--config', RULES, 'nodes', 'credentials'], {
		cwd: root,
		encoding: 'utf8',
	});
	return { stdout, status };
}

test('imports point down, and never in a circle', () => {
	const { stdout, status } = cruise(ROOT);

	expect(stdout).toContain('no dependency violations found');
	expect(status).toBe(0);
});

test.each([
	{ rule: 'shared-imports-down', file: 'shared/json.ts', line: "import '../errors/ItemFailure';" },
	{ rule: 'run-imports-down', file: 'run/Run.ts', line: "import '../customers/customer';" },
	{ rule: 'fields-imports-down', file: 'fields/points.ts', line: "import '../actions/resources';" },
	{ rule: 'no-circle', file: 'transport/request.ts', line: "import './Client';" },
	{
		rule: 'credentials-for-transport-only',
		file: 'run/Run.ts',
		line: "import '../../../credentials/connection';",
	},
])('$file may not hold: $line', ({ rule, file, line }) => {
	const copy = mkdtempSync(join(tmpdir(), 'house-'));
	for (const part of ['nodes', 'credentials', 'tsconfig.json', 'package.json']) {
		cpSync(join(ROOT, part), join(copy, part), { recursive: true });
	}
	const path = join(copy, 'nodes/LoyaltyLion', file);
	writeFileSync(path, `${line}\n${readFileSync(path, 'utf8')}`);

	const { stdout, status } = cruise(copy);
	rmSync(copy, { recursive: true });

	expect(stdout).toContain(rule);
	expect(status).not.toBe(0);
});

describe('general rooms know nothing of what is done with them', () => {
	const WORDS = /\b(adjustments?|awards?|customers?|points?)\b/i;
	const files = ['run', 'transport', 'errors', 'shared'].flatMap((room) =>
		filesIn(join(NODE, room)),
	);

	test.each(files.map((file) => relative(NODE, file)))('%s', (file) => {
		const said = readFileSync(join(NODE, file), 'utf8')
			.split('\n')
			.filter((line) => WORDS.test(line));

		expect(said).toEqual([]);
	});

	test('there are such rooms', () => {
		expect(files.length).toBeGreaterThan(10);
	});
});
