const { built } = require('../../../harness/built');
const { timePasses } = require('../../../harness/timePasses');

const { Client } = built('nodes/LoyaltyLion/transport/Client');
const { accountOf } = built('nodes/LoyaltyLion/transport/accounts');

afterEach(() => jest.restoreAllMocks());

test('shares what everybody shares, also when that was idle meanwhile and began anew', () => {
	const connection = { origin: 'https://example.com', authorization: 'Bearer idle' };
	const client = new Client({ connection }, {});
	const before = client.account;
	timePasses(60_000);
	accountOf({ ...connection, authorization: 'Bearer another' });

	expect(accountOf(connection)).not.toBe(before);
	expect(client.account).toBe(accountOf(connection));
});
