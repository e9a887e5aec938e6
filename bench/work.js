const CREDENTIAL = { apiKey: 'pat_benchmark' };

/** How many newer customers' emails contain that of another: "joann7@…" beside "ann7@…". */
const LOOKALIKES = 10;

/**
 * @typedef {object} Work what is to be done, in every contender the same
 * @property {number} items how many
 * @property {number} [emails] how many customers there are, named by email; without it each item names
 *   another customer, by merchant ID
 *
 * @typedef {object} Row an input item
 * @property {string} merchantId
 * @property {string} email
 * @property {number} points
 * @property {string} reason another for each item, so that awards can be told apart
 */

/**
 * The input items of some work.
 *
 * @param {Work} work
 * @returns {Row[]}
 */
function rowsOf({ items, emails = items }) {
	return Array.from({ length: items }, (_, index) => ({
		merchantId: String(FIRST_MERCHANT_ID + (index % emails)),
		email: `ann${index % emails}@example.com`,
		points: 1 + (index % 100),
		reason: `Quiz ${index}`,
	}));
}

/**
 * The customers of the shop in which it is done.
 *
 * @param {Work} work
 * @returns {Record<string, import('../dev/stand-in/StandIn').Customer>} by merchant ID
 */
function customersOf(work) {
	const known = rowsOf(work).map(({ merchantId, email }) => [merchantId, { email }]);
	const lookalikes = Array.from(
		{ length: work.emails === undefined ? 0 : LOOKALIKES },
		(_, index) => [
			String(FIRST_LOOKALIKE_ID + index),
			{ email: `jo${rowsOf(work)[index]?.email}` },
		],
	);
	return Object.fromEntries([...known, ...lookalikes]);
}

const FIRST_MERCHANT_ID = 6145627226296;
const FIRST_LOOKALIKE_ID = 7145627226296;

module.exports = { CREDENTIAL, customersOf, LOOKALIKES, rowsOf };
