const { execFileSync } = require('node:child_process');
const { existsSync, mkdtempSync, readFileSync, rmSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join, resolve } = require('node:path');
const { N8n } = require('./harness/N8n');

const ROOT = resolve(__dirname, '..');
const MAX_PACKED_BYTES = 60_000;

const folder = mkdtempSync(join(tmpdir(), 'package-'));
const unpacked = join(folder, 'package');
/** @type {{ filename: string, size: number, files: { path: string }[] }} */
let tarball;

beforeAll(() => {
	const printed = execFileSync('npm', ['pack', '--json', '--pack-destination', folder], {
		cwd: ROOT,
		encoding: 'utf8',
	});
	[tarball] = JSON.parse(printed);
	execFileSync('tar', ['-xzf', join(folder, tarball.filename), '-C', folder]);
});
afterAll(() => rmSync(folder, { recursive: true }));

/**
 * Some of the scan's rules behave otherwise when NODE_ENV says that they are being tested themselves.
 * @param {string[]} args
 */
function scan(...args) {
	const script = join(__dirname, 'harness/scan.mjs');
	const env = { ...process.env, NODE_ENV: 'production' };
	return JSON.parse(execFileSync('node', [script, ...args], { encoding: 'utf8', env }));
}

describe('the packed tarball', () => {
	test('holds what n8n needs and nothing else, and is small', () => {
		const others = tarball.files
			.map(({ path }) => path)
			.filter((path) => !/^dist\/(nodes|credentials)\/.*\.(js|json|svg)$/.test(path));

		expect(others.sort()).toEqual(['LICENSE.md', 'README.md', 'package.json']);
		expect(tarball.size).toBeLessThan(MAX_PACKED_BYTES);
	});

	test('brings no dependencies along', () => {
		const { dependencies, peerDependencies } = JSON.parse(
			readFileSync(join(unpacked, 'package.json'), 'utf8'),
		);

		expect(dependencies).toBeUndefined();
		expect(peerDependencies).toEqual({ 'n8n-workflow': '*' });
	});

	test('passes the scan that n8n lets decide on verification, and so does its source', () => {
		expect(scan(unpacked)).toEqual({ passed: true });
		expect(scan(ROOT, 'source')).toEqual({ passed: true });
	});
});

test('what is written by hand in the changelog outlasts a release', () => {
	// What `n8n-node release` calls (auto-changelog) replaces all that stands before this.
	expect(readFileSync(join(ROOT, 'CHANGELOG.md'), 'utf8')).toMatch(
		/<!-- auto-changelog-above -->\n+# Changelog\n/,
	);
});

describe('n8n loads from it', () => {
	/** @type {N8n} */
	let n8n;
	beforeAll(async () => {
		n8n = await N8n.load(unpacked);
	});

	test('the node, preset to Add Points', () => {
		const { description } = n8n.packages.getByNameAndVersion('n8n-nodes-loyaltylion.loyaltyLion');
		const presets = description.properties.map(({ name, default: value }) => [name, value]);

		expect(description).toMatchObject({ displayName: 'LoyaltyLion', usableAsTool: true });
		expect(Object.fromEntries(presets)).toEqual({
			resource: 'customer',
			operation: 'addPoints',
			customer: { mode: 'email', value: '' },
			points: 0,
			reason: '',
			options: {},
		});
	});

	test('its codex: the category, and the words by which the node is found', () => {
		const { description } = n8n.packages.getByNameAndVersion('n8n-nodes-loyaltylion.loyaltyLion');

		expect(description.codex).toMatchObject({
			categories: expect.arrayContaining(['Marketing & Content']),
			alias: expect.arrayContaining(['add points', 'loyalty', 'rewards']),
		});
	});

	test('the credential that the node asks for', () => {
		const { description } = n8n.packages.getByNameAndVersion('n8n-nodes-loyaltylion.loyaltyLion');

		expect(description.credentials).toEqual([{ name: n8n.credentialType().name, required: true }]);
	});

	test('the icons of both, light and dark', () => {
		const { description } = n8n.packages.getByNameAndVersion('n8n-nodes-loyaltylion.loyaltyLion');

		for (const { iconUrl } of [description, n8n.credentialType()]) {
			const { light = '', dark = '' } = typeof iconUrl === 'object' ? iconUrl : {};
			expect(light).not.toBe(dark);
			for (const url of [light, dark]) {
				expect(url).toMatch(
					/^icons\/n8n-nodes-loyaltylion\/dist\/nodes\/LoyaltyLion\/loyaltyLion(\.dark)?\.svg$/,
				);
				expect(existsSync(join(unpacked, url.replace('icons/n8n-nodes-loyaltylion/', '')))).toBe(
					true,
				);
			}
		}
	});
});
