import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { INodeProperties } from 'n8n-workflow';
import { toDocument, withFigures } from '../bench/report.cts';
import { fromStored } from '../bench/stored.cts';
import { withEvents } from '../dev/docs/triggerPage.cts';
import { N8n } from '../dev/engine/N8n.cts';

const ROOT = resolve(__dirname, '..');

/** What the node is set to when it is put into a workflow. */
const SHOWN_FIRST: Record<string, string> = { resource: 'customer', operation: 'addPoints' };

const MAX_PACKED_BYTES = 150_000;

const folder = mkdtempSync(join(tmpdir(), 'package-'));
const unpacked = join(folder, 'package');
let tarball: { filename: string; size: number; files: { path: string }[] };

beforeAll(() => {
	const printed = execFileSync('npm', ['pack', '--json', '--pack-destination', folder], {
		cwd: ROOT,
		encoding: 'utf8',
	});
	[tarball] = JSON.parse(printed) as [typeof tarball];
	execFileSync('tar', ['-xzf', join(folder, tarball.filename), '-C', folder]);
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Some of the scan's rules behave otherwise when NODE_ENV says that they are being tested themselves. */
function scan(...args: string[]): unknown {
	const script = join(__dirname, 'harness/scan.cts');
	const env = { ...process.env, NODE_ENV: 'production' };
	return JSON.parse(
		execFileSync('node', ['--require', 'tsx/cjs', script, ...args], { encoding: 'utf8', env }),
	);
}

/**
 * @param file an absolute path
 * @param text what it holds, in Markdown
 * @returns its links to files that do not exist, or to headings that a file does not have
 */
function deadLinks(file: string, text: string): string[] {
	const prose = withoutCode(text).replace(/`[^`\n]*`/g, '');
	const links = [
		...prose.matchAll(/\]\(([^)\s]+)/g),
		...prose.matchAll(/^\[[^\]]+\]:\s*(\S+)/gm),
		...prose.matchAll(/\s(?:href|src)="([^"]+)"/g),
	].map(([, target = '']) => target);
	return links.filter((link) => {
		if (/^[a-z]+:/i.test(link)) return false;
		const [path = '', anchor] = link.split('#');
		const target = path === '' ? file : resolve(dirname(file), path);
		if (!existsSync(target)) return true;
		if (anchor === undefined) return false;
		return !anchorsOf(target === file ? text : readFileSync(target, 'utf8')).includes(anchor);
	});
}

/**
 * @param text in Markdown
 * @returns the anchors that GitHub gives its headings
 */
function anchorsOf(text: string): string[] {
	const headings = [...withoutCode(text).matchAll(/^#+ +(.+?) *$/gm)].map(
		([, words = '']) => words,
	);
	const slugs = headings.map((words) =>
		words
			.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
			.toLowerCase()
			.replace(/[^\p{L}\p{N}\p{M}_ -]/gu, '')
			.replaceAll(' ', '-'),
	);
	return slugs.map((slug, index) => {
		const before = slugs.slice(0, index).filter((other) => other === slug).length;
		return before > 0 ? `${slug}-${before}` : slug;
	});
}

/** @param text in Markdown */
function withoutCode(text: string) {
	return text.replace(/^(```+)[^]*?^\1/gm, '');
}

/** @param text in Markdown, whose tables need not be aligned */
function unaligned(text: string) {
	return text.replace(/-{3,}/g, '--').replace(/-+:/g, '--:').replace(/ {2,}/g, ' ').trim();
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

describe('the documents', () => {
	const pages = readdirSync(join(ROOT, 'docs')).filter((name) => name.endsWith('.md'));
	const documents = [
		...['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'CHANGELOG.md'],
		...pages.map((name) => join('docs', name)),
	];

	test.each(documents)('%s links to what is there', (name) => {
		const file = join(ROOT, name);

		expect(deadLinks(file, readFileSync(file, 'utf8'))).toEqual([]);
	});

	test('a link that leads nowhere would be found', () => {
		const text = [
			'# Nodes & points: the `page`',
			'[here](#nodes--points-the-page) [there](docs/benchmark.md#overview) [n8n](https://n8n.io)',
			'[twice](#twice) [and](#twice-1) [`code`](package.json "title") ![picture](docs/node.png)',
			'## Twice\n## Twice',
			'```md\n## No heading\n[no link](gone.md)\n```',
			'[1](#no-heading) [2](gone.md) ![3](docs/gone.png) [4](docs/benchmark.md#gone) [`5`](#Twice)',
			'[6]: docs/gone.md',
			'<img src="gone.svg">',
		].join('\n\n');

		expect(deadLinks(join(ROOT, 'README.md'), text)).toEqual([
			'#no-heading',
			'gone.md',
			'docs/gone.png',
			'docs/benchmark.md#gone',
			'#Twice',
			'docs/gone.md',
			'gone.svg',
		]);
	});

	test('show the figures that the benchmark has measured', () => {
		const outcome = fromStored(readFileSync(join(ROOT, 'docs/benchmark.json'), 'utf8'));
		const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
		const page = readFileSync(join(ROOT, 'docs/benchmark.md'), 'utf8');

		expect(unaligned(readme)).toBe(unaligned(withFigures(readme, outcome)));
		expect(unaligned(page)).toBe(unaligned(toDocument(outcome)));
	});

	test('show of each event what the trigger knows of it, and puts out (npm run docs)', () => {
		const page = readFileSync(join(ROOT, 'docs/trigger.md'), 'utf8');

		expect(unaligned(page)).toBe(unaligned(withEvents(page)));
	});
});

describe('n8n loads from it', () => {
	let n8n: N8n;
	beforeAll(async () => {
		n8n = await N8n.load(unpacked);
	});

	test('the node, preset to Add Points', () => {
		const { description } = n8n.packages.getByNameAndVersion('n8n-nodes-loyaltylion.loyaltyLion');
		const isShown = ({ displayOptions }: INodeProperties) =>
			Object.entries(displayOptions?.show ?? {}).every(([name, values]) =>
				values?.some((value) => value === SHOWN_FIRST[name]),
			);
		const presets = description.properties
			.filter(isShown)
			.map(({ name, default: value }) => [name, value]);

		expect(description).toMatchObject({ displayName: 'LoyaltyLion', usableAsTool: true });
		expect(Object.fromEntries(presets)).toEqual({
			resource: 'customer',
			operation: 'addPoints',
			customer: { mode: 'email', value: '' },
			points: 0,
			reason: '',
			onlyOncePer: '',
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
