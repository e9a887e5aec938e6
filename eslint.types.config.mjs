// The rules beside n8n's own (eslint.config.mjs): those that ask for types, for everything, and those for what
// is not shipped, which runs in Node and may use all of it.
import js from '@eslint/js';
import jest from 'eslint-plugin-jest';
import globals from 'globals';
import ts from 'typescript-eslint';

export default ts.config(
	{ ignores: ['dist/'] },
	{ linterOptions: { reportUnusedDisableDirectives: 'error' } },
	{
		files: ['**/*.ts', '**/*.cts'],
		extends: [ts.configs.recommendedTypeChecked],
		languageOptions: {
			parserOptions: { project: ['tsconfig.json', 'dev/tsconfig.json'] },
		},
		rules: {
			'@typescript-eslint/no-non-null-assertion': 'error',
			'@typescript-eslint/switch-exhaustiveness-check': 'error',
			// What may fail does so with a rejection, also before there is anything to wait for.
			'@typescript-eslint/require-await': 'off',
			'@typescript-eslint/no-unused-vars': ['error', { ignoreRestSiblings: true }],
		},
	},
	{
		files: ['**/*.js', '**/*.cjs', '**/*.mjs'],
		...js.configs.recommended,
		languageOptions: { globals: globals.node },
	},
	{
		files: ['**/*.js', '**/*.cjs'],
		languageOptions: { sourceType: 'commonjs' },
	},
	{
		files: ['test/**/*.cts'],
		...jest.configs['flat/recommended'],
		rules: {
			...jest.configs['flat/recommended'].rules,
			'jest/no-disabled-tests': 'error',
			'jest/no-commented-out-tests': 'error',
			'jest/no-focused-tests': 'error',
			'jest/require-top-level-describe': 'off',
			// What jest's matchers give, e.g. expect.any(), is of the type any.
			'@typescript-eslint/no-unsafe-assignment': 'off',
		},
	},
);
