import { CLAIMING, type RewardClaim } from '../../adjustments/kinds/claiming';
import { requestWords } from '../../adjustments/words';
import { ItemFailure } from '../../errors/ItemFailure';
import { readRewardRows, REWARDS_WORDS } from '../../rewards/availableRewards';
import type { Client } from '../../transport/Client';
import type { SharedChecks } from '../adjusting/SharedChecks';

/**
 * Checks whether a reward is offered to a customer, which tells as well whether LoyaltyLion knows the customer. Its
 * list holds rewards, too, that the customer cannot afford.
 *
 * @param claim what would be claimed
 * @param client who reads
 * @param checks those of all items of the run
 * @returns why LoyaltyLion would not let it be claimed; nothing when nothing speaks against it
 * @throws {ItemFailure} when LoyaltyLion could not be asked
 */
export async function whyNotOffered(
	claim: RewardClaim,
	client: Client,
	checks: SharedChecks,
): Promise<ItemFailure | undefined> {
	const { merchantId, email, rewardId, siteId } = claim;
	const { notFound, rejected } = requestWords(CLAIMING.words, claim);
	const question = JSON.stringify([merchantId, email, rewardId, siteId]);
	return await checks.whyNot(client, question, async () => {
		const words = { ...REWARDS_WORDS, notFound, rejected };
		const rewards = await readRewardRows(client, merchantId, siteId, words);
		return rewards.some(({ id }) => id === rewardId) ? undefined : new ItemFailure(notFound());
	});
}
