/**
 * Which way imports point in what is shipped: down, and never in a circle. A room may use those that stand
 * further down in this list; rooms in one line know nothing of each other.
 */
const FLOORS = [
	['actions', 'methods', 'trigger'],
	['run', 'adjustments', 'customers', 'rewards', 'activities'],
	['fields'],
	['transport', 'store'],
	['errors'],
	['shared'],
];

const NODE = 'nodes/LoyaltyLion';

/** @param {string[]} rooms */
const pathOf = (rooms) => `^${NODE}/(${rooms.join('|')})/`;

const upward = FLOORS.flatMap((floor, index) =>
	floor.map((room) => ({
		name: `${room}-imports-down`,
		severity: 'error',
		from: { path: pathOf([room]) },
		to: {
			path: `^${NODE}/`,
			pathNot: pathOf([room, ...FLOORS.slice(index + 1).flat()]),
		},
	})),
);

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
	forbidden: [
		{ name: 'no-circle', severity: 'error', from: {}, to: { circular: true } },
		...upward,
		{
			name: 'credentials-know-no-node',
			severity: 'error',
			from: { path: '^credentials/' },
			to: { path: '^nodes/' },
		},
		{
			name: 'credentials-for-transport-only',
			severity: 'error',
			from: { path: '^nodes/', pathNot: pathOf(['transport']) },
			to: { path: '^credentials/' },
		},
	],
	options: {
		tsConfig: { fileName: 'tsconfig.json' },
		// What is imported as a type binds two files as well.
		tsPreCompilationDeps: true,
		doNotFollow: { path: 'node_modules' },
	},
};
