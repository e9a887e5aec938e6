/** Whole hosts and a real browser take their time, and there is one of each: one test after another. */
module.exports = {
	rootDir: __dirname,
	testMatch: ['**/*.e2e.cts'],
	globalSetup: './startHost.cts',
	globalTeardown: './stopHost.cts',
	setupFilesAfterEnv: ['./timeout.cts'],
	transform: { '\\.cts$': ['@swc/jest', { jsc: { parser: { syntax: 'typescript' } } }] },
	maxWorkers: 1,
	bail: 1,
};
