import type { IDataObject } from 'n8n-workflow';
import { ItemFailure } from '../../errors/ItemFailure';
import { toCustomerField, whomOf, type CustomerChoice } from '../../fields/customer';
import { toOptions, type Field } from '../../fields/Field';
import { unusableValue } from '../../fields/InvalidInput';
import { ItemFields } from '../../fields/ItemFields';
import { DEFAULT_PACE, toRequestFields } from '../../fields/requestOptions';
import { wholeNumber } from '../../fields/values';
import type { ClaimedReward } from '../../rewards/claimedRewards';
import {
	NOT_REFUNDED,
	refund as sendRefund,
	sayAgain,
	type Refunded,
	type SentRefund,
} from '../../rewards/refund';
import { ItemMemory } from '../../run/ItemMemory';
import type { InputItem, Operation, OperationWords } from '../../run/Operation';
import type { Run } from '../../run/Run';
import type { Client } from '../../transport/Client';
import { assertNotCanceled } from '../../transport/Patience';
import { prepare } from '../prepare';

const customerField = toCustomerField({
	description: 'The customer who claimed the reward',
	listHint: 'Every item refunds a reward of this one customer.',
});

const claimedRewardIdField: Field<number> = {
	property: {
		displayName: 'Claimed Reward ID',
		name: 'claimedRewardId',
		type: 'string',
		default: '',
		required: true,
		placeholder: 'e.g. 482913',
		description:
			"LoyaltyLion's ID of the reward that the customer claimed, not that of the reward itself. It stands in what claiming it returned, and in the customer's transactions.",
	},
	read(value, label) {
		const id = wholeNumber(value, 1, Number.MAX_SAFE_INTEGER);
		if (id !== undefined) return id;
		throw unusableValue(
			label,
			value,
			`${label} must be the whole number by which LoyaltyLion knows the claimed reward, e.g. 482913.`,
		);
	},
};

const optionFields = toRequestFields(
	'When none comes to the refund itself, it is unclear whether the points were given back.',
);

const WORDS: OperationWords = {
	done: 'were refunded',
	notDone: 'failed',
	reasons: {
		not_permitted: 'the API key lacks the write_customers scope',
		customer_not_found: 'LoyaltyLion has no such customer',
		customer_ambiguous: 'several LoyaltyLion customers have the same email',
		claimed_reward_not_found: 'the customer has no such claimed reward',
		refused: 'LoyaltyLion refused, or the customer has no merchant ID',
	},
	unclearAdvice:
		"Look at the customer's rewards in LoyaltyLion before you send the unclear ones again.",
	unexpected: {
		code: 'outcome_unknown',
		message: 'Something unexpected happened in the LoyaltyLion node',
		description:
			"The points may have been given back. Look at the customer's rewards in LoyaltyLion before you send this item again, and tell the makers of this node.",
	},
	blank: { subject: { merchantId: null, claimedRewardId: null }, beside: {} },
	errorFields: ({ isUnclear }) => ({ rewardMayHaveBeenRefunded: isUnclear }),
};

/** Refund: `POST /v2/customers/{merchant_id}/claimed_rewards/{claimed_reward_id}/refund` (LoyaltyLion Admin API v2). */
export const refund: Operation = {
	value: 'refund',
	name: 'Refund',
	action: 'Refund claimed reward',
	description:
		'Give a customer the points back that a claimed reward has cost, and make the reward void. It returns the claimed reward, and whether its voucher was deleted in the store. What is refunded already is not refunded again.',
	fields: [customerField.property, claimedRewardIdField.property, toOptions(optionFields)],
	words: WORDS,
	execute,
};

async function execute(item: InputItem): Promise<IDataObject> {
	const memory = item.run.shared(toMemory);
	const { itemIndex } = item;
	const earlier = memory.recall(itemIndex);
	if (earlier) reportAbout(item, earlier.claimed);
	if (earlier && !earlier.unclear) {
		return toOutput(item, earlier.claimed, await sayAgain(openClient(item), earlier));
	}
	// Before its fields are read: of many items that takes longer than anybody waits for a cancel.
	if (!earlier) assertNotCanceled(item.signal);
	const { client, claimed } = earlier ? await goOn(item, earlier) : await begin(item);
	reportAbout(item, claimed);
	const keep = (sent: SentRefund | undefined) =>
		sent ? memory.remember(itemIndex, sent) : memory.forget(itemIndex);
	return toOutput(item, claimed, await sendRefund({ client, claimed, earlier, keep }));
}

function toMemory(run: Run): ItemMemory<SentRefund> {
	return new ItemMemory(run, 'loyaltyLionRefunds');
}

/** Goes on with what an earlier try has left unclear, whatever the fields say now. */
async function goOn(item: InputItem, { claimed, unclear }: SentRefund): Promise<Task> {
	const client = await openClient(item).catch((error) => {
		throw unclear ? new ItemFailure(unclear) : error;
	});
	return { client, claimed };
}

async function openClient(item: InputItem): Promise<Client> {
	const options = new ItemFields(item.run.parameters, item.itemIndex).readOptions(optionFields);
	return await item.run.client(item, options ?? DEFAULT_PACE);
}

async function begin(item: InputItem): Promise<Task> {
	const { claimedRewardId, ...input } = readInput(item);
	const { client, customer } = await prepare(item, input, NOT_REFUNDED);
	return { client, claimed: { ...customer, claimedRewardId } };
}

/** What is to be refunded, and by whom. */
interface Task {
	client: Client;
	claimed: ClaimedReward;
}

function reportAbout(item: InputItem, claimed: ClaimedReward): void {
	item.report = { subject: { ...claimed }, beside: {} };
}

/** Whoever looks at the node is told of vouchers that can still be used. */
function toOutput(item: InputItem, claimed: ClaimedReward, refunded: Refunded): IDataObject {
	const { voucherDeleted, alreadyRefunded, confirmedBy, claimedReward } = refunded;
	const isLeft = voucherDeleted === false;
	if (isLeft) item.note(`the points were given back. ${VOUCHER_IS_LEFT}`);
	return {
		success: true,
		...claimed,
		alreadyRefunded,
		voucherDeleted,
		...(isLeft && { voucherNote: VOUCHER_IS_LEFT }),
		confirmedBy,
		claimedReward,
	};
}

const VOUCHER_IS_LEFT =
	'LoyaltyLion did not delete a voucher in the store. If the reward has one, it may still work there: delete it by hand.';

interface RefundInput {
	choice: CustomerChoice;
	claimedRewardId: number;
	requestsPerSecond: number;
	timeoutMs: number;
}

function readInput(item: InputItem): RefundInput {
	const itemFields = new ItemFields(item.run.parameters, item.itemIndex);
	const choice = itemFields.read(customerField);
	const claimedRewardId = itemFields.read(claimedRewardIdField);
	const options = itemFields.readOptions(optionFields);
	item.report = {
		subject: { merchantId: null, ...choice, claimedRewardId: claimedRewardId ?? null },
		beside: {},
	};
	if (!choice || claimedRewardId === undefined || !options) {
		throw itemFields.failure(whomOf(choice));
	}
	return { choice, claimedRewardId, ...options };
}
