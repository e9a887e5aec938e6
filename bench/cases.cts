import type { INode } from 'n8n-workflow';
import type { ColumnName } from './columns.cts';
import type { Shop } from './shopProcess.cts';
import { LOOKALIKES } from './work.cts';

export interface Case {
	title: string;
	/** The circumstances, in Markdown. */
	about: string;
	shop: Shop;
	/** By name; the first is the LoyaltyLion node. */
	contenders: string[];
	rounds: number;
	/** What is told of each contender. */
	columns: ColumnName[];
	/** Of these, what the overview tells, and under which heading. */
	headlines: { [column in ColumnName]?: string };
	/** Of these, what the README tells, and in which words: what goes wrong by hand. */
	promises?: { [column in ColumnName]?: string };
	/** The contender whose figures those of the others are divided by. */
	against?: string;
	/** Of each node that does the work. */
	nodeSettings: Partial<INode>;
	/** Settings of n8n that differ from what it presets. */
	environment?: NodeJS.ProcessEnv;
	/** How many items each contender does first in another shop, as n8n has long been running. */
	warmUp: number;
}

/** LoyaltyLion's own limit, as the stand-in keeps it: no second may hold more. */
const LIMIT = 20;

/** A failing item does not keep the others from being sent. */
const GO_ON: Case['nodeSettings'] = { onError: 'continueErrorOutput' };

const BY_HTTP = ['httpRequest', 'httpRequest20', 'httpRequest1'];

export const CASES: Case[] = [
	atTheLimit({ items: 200, latencyMs: 60, rounds: 3, slow: ['codeLoop'] }),
	atTheLimit({ items: 200, latencyMs: 400, rounds: 2, slow: ['codeLoop'] }),
	{
		...atTheLimit({ items: 1000, latencyMs: 60, rounds: 2, slow: ['codeLoop'] }),
		headlines: {
			lost: '1,000 items at the limit: lost',
			perSecond: '1,000 items at the limit: awards per second',
		},
		promises: { lost: "1,000 rows at LoyaltyLion's limit: rows that get no points" },
	},
	// With 400 ms for each item, the loop would take seven minutes.
	atTheLimit({ items: 1000, latencyMs: 400, rounds: 2, slow: [] }),
	lostAnswers(200, 2),
	byEmail(500, 50, 2),
	noLimit(10_000, 5),
	{
		...noLimit(10_000, 5),
		title: "Without a limit, in n8n's older expression engine",
		about:
			"The same with `N8N_EXPRESSION_ENGINE=legacy`, which was n8n's only one for long and takes far less time for each expression.",
		contenders: ['loyaltyLionUnpaced', 'httpRequest'],
		environment: { N8N_EXPRESSION_ENGINE: 'legacy' },
		headlines: {},
	},
];

/** A list of many different emails, in a shop of 20,000 customers. */
export const MANY_EMAILS: Case = {
	title: 'Many customers by email',
	about: `Each of the items carries another email, and the shop has 20,000 customers; ${LOOKALIKES} of the emails are also the end of another customer's.`,
	shop: {
		work: { items: 2000, emails: 2000, others: 18_000 - LOOKALIKES },
		requestsPerSecond: LIMIT,
		latencyMs: 60,
	},
	contenders: ['loyaltyLionByEmail', 'loyaltyLionById'],
	rounds: 1,
	columns: ['awarded', 'lost', 'doubled', 'wrong', 'requests', 'refused', 'seconds', 'memory'],
	headlines: {},
	nodeSettings: GO_ON,
	warmUp: 20,
};

/** A little of each, to see in two minutes that all is well. */
export const SMALL_CASES: Case[] = [
	atTheLimit({ items: 60, latencyMs: 60, rounds: 1, slow: [] }),
	lostAnswers(40, 1),
	byEmail(60, 12, 1),
	noLimit(1000, 1),
];

/**
 * How time and memory grow with the work: the LoyaltyLion node alone, without a limit.
 *
 * @param sizes in items
 */
export function growth(sizes: number[]): Case[] {
	return sizes.map((items) => ({
		...noLimit(items, 3),
		contenders: ['loyaltyLionUnpaced'],
		columns: ['awarded', 'lost', 'doubled', 'seconds', 'perSecond', 'memory', 'memoryPerItem'],
		headlines: {},
	}));
}

function atTheLimit({
	items,
	latencyMs,
	rounds,
	slow,
}: {
	items: number;
	latencyMs: number;
	rounds: number;
	slow: string[];
}): Case {
	return {
		title: 'At the limit',
		about:
			'The first requests of a list need not wait, so a short one comes to more than its share. A list of which items were lost has no speed.',
		shop: { work: { items }, requestsPerSecond: LIMIT, latencyMs },
		contenders: ['loyaltyLion', ...BY_HTTP, ...slow, 'undiciUnpaced'],
		rounds,
		columns: ['awarded', 'lost', 'doubled', 'refused', 'seconds', 'perSecond', 'share'],
		headlines: {},
		nodeSettings: GO_ON,
		warmUp: 20,
	};
}

function lostAnswers(items: number, rounds: number): Case {
	return {
		title: 'Answers that get lost',
		about:
			"For one in 20 items LoyaltyLion adds the points, and the connection breaks before its answer. n8n's _Retry On Fail_ is on (three tries), and a failing item fails the node. _Doubled_ counts the awards beyond an item's first. Each item is another customer's, and the customer's history shows an award at once, with its reason; LoyaltyLion promises neither.",
		shop: { work: { items }, requestsPerSecond: LIMIT, latencyMs: 60, loseEvery: 20 },
		contenders: ['loyaltyLion', ...BY_HTTP, 'codeLoop'],
		rounds,
		columns: ['awarded', 'lost', 'doubled', 'requests', 'seconds'],
		headlines: { doubled: `${items} items, Retry On Fail, one answer in 20 lost: awards too many` },
		promises: {
			doubled: `${items} rows with n8n's Retry On Fail, one answer in 20 lost on the way: points given again`,
		},
		nodeSettings: { onError: 'stopWorkflow', retryOnFail: true },
		warmUp: 20,
	};
}

function byEmail(items: number, emails: number, rounds: number): Case {
	return {
		title: 'Customers by email',
		about: `The items carry ${emails} different emails; ${LOOKALIKES} of them are also the end of another customer's. All but the LoyaltyLion node search each item's email and take the first customer they get, as is done by hand.`,
		shop: { work: { items, emails }, requestsPerSecond: LIMIT, latencyMs: 60 },
		contenders: ['loyaltyLion', ...BY_HTTP, 'codeLoop'].map((name) => `${name}ByEmail`),
		rounds,
		columns: ['awarded', 'lost', 'doubled', 'wrong', 'requests', 'refused', 'seconds'],
		headlines: {
			wrong: `${items} items by email: awarded to somebody else`,
			lost: `${items} items by email: lost`,
		},
		promises: { wrong: `${items} rows by email: points given to somebody else` },
		nodeSettings: GO_ON,
		warmUp: 20,
	};
}

function noLimit(items: number, rounds: number): Case {
	return {
		title: 'Without a limit',
		about:
			"Requests per Second is 0. Memory is the most that the process came to use beyond what it used before. n8n's request helper alone sends the same requests, as many at a time as the LoyaltyLion node, from nothing but a loop: what no node can do without. The stand-in shares the machine's two cores, and may be what holds undici back.",
		shop: { work: { items }, requestsPerSecond: Infinity, latencyMs: 0 },
		contenders: [
			'loyaltyLionUnpaced',
			'httpRequest',
			'codeLoop',
			'helper',
			'undici',
			'undiciNoKeepAlive',
		],
		rounds,
		columns: [
			'awarded',
			'lost',
			'doubled',
			'perSecond',
			'timesFaster',
			'cpuPerItem',
			'memory',
			'memoryShare',
		],
		headlines: {
			perSecond: `${items.toLocaleString('en')} items without a limit: awards per second`,
			memory: `${items.toLocaleString('en')} items without a limit: memory (MB)`,
		},
		against: 'httpRequest',
		nodeSettings: GO_ON,
		warmUp: 500,
	};
}
