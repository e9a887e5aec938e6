import type { IDataObject } from 'n8n-workflow';
import type { DoneBefore } from '../../adjustments/adjustOnce';
import type { Adjustment, SecondSend } from '../../adjustments/Adjustment';
import type { Confirmed, IfUnclear } from '../../adjustments/AdjustmentJob';
import type { Kind } from '../../adjustments/Kind';
import type { NotPayable } from '../../customers/chooseCustomer';
import type { ItemFailure } from '../../errors/ItemFailure';
import type { CustomerChoice } from '../../fields/customer';
import type { Field, Fields, ValuesOf } from '../../fields/Field';
import type { toRequestFields } from '../../fields/requestOptions';
import type { ItemReport, Operation, OperationWords } from '../../run/Operation';
import type { Client } from '../../transport/Client';
import type { SharedChecks } from './SharedChecks';

/** What an operation has of its own that makes one kind of adjustment. */
export interface Adjusting<Of extends Adjustment, Own extends Fields, More extends Fields>
	extends Pick<Operation, 'value' | 'name' | 'action' | 'description'> {
	kind: Kind<Of>;
	fields: {
		customer: Field<CustomerChoice>;
		/** Those that say what is done. */
		own: Own;
		onlyOncePer: Field<string | null>;
		checkOnly: Field<boolean>;
		ifUnclear: Field<IfUnclear>;
		historySize: Field<number>;
		/** Further options. */
		more: More;
		request: ReturnType<typeof toRequestFields>;
	};
	words: {
		/** What happens to an item that succeeds, in words that follow a number. */
		done: string;
		/** Why items fail, by code, beside the reasons that every kind has. */
		reasons: OperationWords['reasons'];
		/** What is said of a customer on whom it cannot be done. */
		notPayable: NotPayable;
		/** What whoever looks at the node is told, in sentences that follow "For 2 items: ". */
		notes: { mayBeTwice: string; isTwice: string; otherKey: string };
		/** What becomes of values beyond History Size, a sentence. */
		forgotten: string;
	};

	/**
	 * @param values of its own fields, as far as they can be used
	 * @returns what an item says of itself
	 */
	about: (values: Partial<ValuesOf<Own>>) => ItemReport;

	/**
	 * @param customer whose it is
	 * @param values of its own fields
	 * @param more the further options
	 * @returns the adjustment
	 */
	toAdjustment: (
		customer: Pick<Adjustment, 'merchantId' | 'email'>,
		values: ValuesOf<Own>,
		more: ValuesOf<More>,
	) => Of;

	/**
	 * @param adjustment what is done
	 * @param client who reads
	 * @returns whether it is sure to have a row in the customer's history if it has arrived; must not throw
	 */
	makesRow: (adjustment: Of, client: Client) => Promise<boolean>;

	/**
	 * @param made what was done
	 * @param client who reads; may fail
	 * @param more the further options
	 * @returns what else an item says that succeeded; must not throw
	 */
	complete: (made: Made<Of>, client: Promise<Client>, more: ValuesOf<More>) => Promise<IDataObject>;

	/** What takes the place of all that for an item that is only checked. */
	check: Checking<Of, More>;
}

/** How an item is checked of which all fields can be used, and whose customer was found. */
export interface Checking<Of extends Adjustment, More extends Fields> {
	/**
	 * @param adjustment what would be done
	 * @param client who reads
	 * @param checks those of all items of the run
	 * @returns why LoyaltyLion would not do it, as it would be said then; nothing when nothing speaks against it
	 * @throws {ItemFailure} when LoyaltyLion could not be asked
	 */
	whyNot: (
		adjustment: Of,
		client: Client,
		checks: SharedChecks,
	) => Promise<ItemFailure | undefined>;

	/**
	 * @param checked what would be done
	 * @param client who reads; may fail
	 * @param more the further options
	 * @returns what else an item says that passed; must not throw
	 */
	complete: (
		checked: Pick<Made<Of>, 'adjustment'>,
		client: Promise<Client>,
		more: ValuesOf<More>,
	) => Promise<IDataObject>;
}

/** An adjustment that was made, by this item or before. */
export interface Made<Of extends Adjustment> {
	adjustment: Of;
	/** As far as it is at hand. */
	outcome: Outcome<Of> | DoneBefore;
}

/** How it is known that this item's adjustment was made. */
export type Outcome<Of extends Adjustment> = Omit<Confirmed<Of>, 'secondSend'> & {
	secondSend?: SecondSend | undefined;
};
