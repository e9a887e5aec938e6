/** Whole hosts and a real browser take their time, and there is one of each: one test after another. */
module.exports = {
	rootDir: __dirname,
	testMatch: ['**/*.e2e.js'],
	globalSetup: './startHost.js',
	globalTeardown: './stopHost.js',
	setupFilesAfterEnv: ['./timeout.js'],
	transform: {},
	maxWorkers: 1,
	bail: 1,
};
