import { accountOf } from '../../../../nodes/LoyaltyLion/transport/accounts.ts';
import { Client } from '../../../../nodes/LoyaltyLion/transport/Client.ts';
import type { Sender } from '../../../../nodes/LoyaltyLion/transport/exchange.ts';
import { timePasses } from '../../../harness/timePasses.cts';

afterEach(() => jest.restoreAllMocks());

test('shares what everybody shares, also when that was idle meanwhile and began anew', () => {
	const connection = { origin: 'https://example.com', authorization: 'Bearer idle' };
	const client = new Client({ connection } as Sender, { send: undefined, read: undefined });
	const before = client.account;
	timePasses(60_000);
	accountOf({ ...connection, authorization: 'Bearer another' });

	expect(accountOf(connection)).not.toBe(before);
	expect(client.account).toBe(accountOf(connection));
});
