import type { Shop } from '../Shop.cts';
import { type Call, notFound, type Reply } from './Handler.cts';

/** What is said where several sites are, and none of them is meant; in LoyaltyLion's words, which are not known. */
export function siteMissing({ siteIds }: Shop, { query }: Call): Reply | undefined {
	const { site_id: siteId } = query as { site_id?: number };
	if (siteId === undefined) return siteIds.length > 1 ? SITE_MISSING : undefined;
	return siteIds.length === 0 || siteIds.includes(siteId) ? undefined : notFound('Site');
}

const SITE_MISSING: Reply = {
	status: 400,
	body: { error: { message: 'Invalid request', details: { site_id: 'is required' } } },
};
