import type { IDataObject } from 'n8n-workflow';

/** What became of a row, in words of a marketer. */
export interface Outcome {
	outcome:
		| 'paid'
		| 'paid before'
		| 'paid, maybe twice'
		| 'paid twice'
		| 'would be paid'
		| 'not paid'
		| 'not sent'
		| 'unclear';
	why: string;
	/** Empty when nothing is to be done. */
	toDo: string;
}

/** As much as counts of what the node puts out for an item; the error is that of one that failed. */
interface Output {
	success?: boolean;
	checkedOnly?: boolean;
	points?: number;
	merchantId?: string;
	confirmedBy?: string;
	pointsMayHaveBeenAddedTwice?: boolean;
	pointsWereAddedTwice?: boolean;
	error?: { code: string; message: string; description: string };
}

/**
 * Says what became of a row.
 *
 * @param output what the node puts out for it; nothing if it was stopped before
 * @returns that, in the node's own words where it has any
 */
export function toOutcome(output: IDataObject | undefined): Outcome {
	if (!output) {
		return {
			outcome: 'not sent',
			why: 'The demo was stopped before it came to this row',
			toDo: 'Run the same command again.',
		};
	}
	const { error, ...done } = output as Output;
	if (!error) return toDone(done);
	return {
		outcome: failed(error.code),
		why: error.message.replace(/ \[item \d+\]$/, ''),
		toDo: error.description,
	};
}

function failed(code: string) {
	if (code === 'outcome_unknown') return 'unclear';
	return code === 'not_sent' ? 'not sent' : 'not paid';
}

function toDone({ points, merchantId, ...done }: Output): Outcome {
	const added = `${points} points added for customer ${merchantId}`;
	if (done.checkedOnly) {
		return {
			outcome: 'would be paid',
			why: `Nothing keeps customer ${merchantId} from getting ${points} points; none were added now`,
			toDo: '',
		};
	}
	if (done.confirmedBy === 'alreadyAdded') {
		const why = `Customer ${merchantId} got these ${points} points before; nothing was sent now`;
		return { outcome: 'paid before', why, toDo: '' };
	}
	if (done.pointsWereAddedTwice) {
		const toDo = 'Take them back once in LoyaltyLion.';
		return { outcome: 'paid twice', why: `${added}, twice: the history shows both`, toDo };
	}
	if (done.pointsMayHaveBeenAddedTwice) {
		return {
			outcome: 'paid, maybe twice',
			why: `${added}. They may have been sent before, and the customer's history did not show them`,
			toDo: "Look at the customer's points history in LoyaltyLion. If they are there twice, take them back once.",
		};
	}
	const found =
		done.confirmedBy === 'history' ? ' (the answer was lost; found in their history)' : '';
	return { outcome: 'paid', why: `${added}${found}`, toDo: '' };
}
