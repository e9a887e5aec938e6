// Rules for what is not shipped: tests, examples and build scripts. They run in Node and may use all of it,
// which the rules for shipped code (../eslint.config.mjs) forbid.
import js from '@eslint/js';
import jest from 'eslint-plugin-jest';
import globals from 'globals';

export default [
	js.configs.recommended,
	{
		languageOptions: { globals: globals.node },
		linterOptions: { reportUnusedDisableDirectives: 'error' },
	},
	{
		files: ['**/*.js'],
		languageOptions: { sourceType: 'commonjs' },
	},
	{
		files: ['test/**/*.js'],
		...jest.configs['flat/recommended'],
		rules: {
			...jest.configs['flat/recommended'].rules,
			'jest/no-disabled-tests': 'error',
			'jest/no-commented-out-tests': 'error',
			'jest/no-focused-tests': 'error',
			'jest/require-top-level-describe': 'off',
		},
	},
];
