import { retryAfterMs } from '../../../../nodes/LoyaltyLion/transport/retryAfter.ts';

const DATE = 'Mon, 23 Nov 2026 10:00:00 GMT';

test.each([
	{ retryAfter: undefined, ms: undefined },
	{ retryAfter: '2', ms: 2000 },
	{ retryAfter: ' 2 ', ms: 2000 },
	{ retryAfter: '1.5', ms: 1500 },
	{ retryAfter: '0', ms: 0 },
	{ retryAfter: '3600', ms: 60_000 },
	{ retryAfter: '-1', ms: undefined },
	{ retryAfter: '', ms: undefined },
	{ retryAfter: 'soon', ms: undefined },
	{ retryAfter: 'Mon, 23 Nov 2026 10:00:05 GMT', ms: 5000 },
	{ retryAfter: 'Mon, 23 Nov 2026 11:00:00 GMT', ms: 60_000 },
	{ retryAfter: 'Mon, 23 Nov 2026 09:00:00 GMT', ms: 0 },
	{ retryAfter: 'Mon, 23 Nov 2026 10:00:05 GMT', date: 'today', ms: undefined },
])('Retry-After "$retryAfter" means $ms ms', ({ retryAfter, date = DATE, ms }) => {
	expect(retryAfterMs({ retryAfter, date })).toBe(ms);
});
