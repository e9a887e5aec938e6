const { dirname, join } = require('node:path');

/** Dependencies of n8n-core that come as ES modules only, which jest must translate to load them. */
const ES_MODULES = ['p-retry', 'is-network-error'];

/**
 * One project for each n8n engine that the suite runs in: the newest, and the oldest that is supported.
 *
 * @param {string} core the name under which that n8n-core is installed
 * @param {string[]} tests where the tests are that are about it
 * @param {string[]} others patterns of those among them that are not
 * @returns {import('jest').Config}
 */
function engine(core, tests, others = []) {
	const home = dirname(require.resolve(`${core}/package.json`));
	const { version } = require(join(home, 'package.json'));
	return {
		displayName: `n8n-core ${version}`,
		rootDir: __dirname,
		roots: tests,
		globals: { IS_NEWEST_ENGINE: core === 'n8n-core' },
		testPathIgnorePatterns: ['/node_modules/', ...others],
		moduleNameMapper: {
			'^n8n-core$': require.resolve(core),
			'^n8n-workflow$': require.resolve('n8n-workflow', { paths: [home] }),
			// A module of the package is the one that n8n has loaded: that of the built package.
			'^(?:\\.\\./)+((?:nodes|credentials)/.*)\\.ts$': '<rootDir>/../dist/$1.js',
		},
		setupFiles: ['../dev/engine/environment.cts', 'reflect-metadata'],
		setupFilesAfterEnv: ['./harness/timeout.cts'],
		transform: {
			'\\.cts$': ['@swc/jest', { jsc: { parser: { syntax: 'typescript' } } }],
			'\\.js$': ['@swc/jest', { module: { type: 'commonjs' } }],
		},
		transformIgnorePatterns: [`^(?!.*(\\.cts$|/node_modules/(${ES_MODULES.join('|')})/))`],
	};
}

module.exports = {
	projects: [
		engine('n8n-core', ['.']),
		// What simulates, kills a process, or is about what others do at the same time or LoyaltyLion answers over a long
		// time, knows nothing of n8n's engine.
		engine(
			'n8n-core-oldest',
			['./credentials', './engine', './nodes'],
			[
				'/transport/Places',
				'/engine/killed',
				'/onceKills',
				'/onceLaws',
				'/outage',
				'/pacing',
				'/rivalLaws',
				'/rivals',
			],
		),
	],
	testSequencer: './longFirst.js',
	// Most tests wait for answers that are late on purpose.
	maxWorkers: 6,
	// The oldest engine starts a timer for SSH connections that it never ends.
	forceExit: true,
};
