import type { IDataObject } from 'n8n-workflow';
import { toCustomer } from '../../customers/customer';
import { CUSTOMERS } from '../../customers/listCustomers';
import {
	CUSTOMER_STATUSES,
	simplifyCustomer,
	statusOf,
	type CustomerStatus,
} from '../../customers/simplifyCustomer';
import { birthdayField } from '../../fields/birthday';
import { BY_TIME_ZONE, toCreatedFields, toTimeField } from '../../fields/dates';
import { toCollection, toOptions, type Field, type ValuesOf } from '../../fields/Field';
import { ItemFields } from '../../fields/ItemFields';
import { LIST_PROPERTIES, readLimit, simplifyField } from '../../fields/list';
import { toRequestFields } from '../../fields/requestOptions';
import { readChoice, readChoices, readText } from '../../fields/values';
import type { InputItem, Operation } from '../../run/Operation';
import { assertNotCanceled } from '../../transport/Patience';
import { readList, type Query } from '../../transport/paging';
import { READ_CUSTOMER_REASONS, READ_CUSTOMER_WORDS, toReadingWords } from '../readingWords';

/** LoyaltyLion's own filter, which keeps every email that contains the text (Admin API, List Customers). */
const emailContainsField: Field<string | undefined> = {
	property: {
		displayName: 'Email Contains',
		name: 'emailContains',
		type: 'string',
		default: '',
		placeholder: 'e.g. @example.com',
		description:
			'Only customers whose email contains this text. LoyaltyLion is asked for it in small letters, as stores keep emails.',
	},
	needsValue: true,
	read: (value, label) => readText(value, label, '@example.com')?.toLowerCase(),
};

const statusField: Field<CustomerStatus[] | undefined> = {
	property: {
		displayName: 'Status',
		name: 'status',
		type: 'multiOptions',
		options: [
			{
				name: 'Blocked',
				value: 'blocked',
				description: 'Kept out of the program, whether a member or a guest otherwise',
			},
			{
				name: 'Guest',
				value: 'guest',
				description: 'Has bought without an account, or has not joined the program',
			},
			{ name: 'Member', value: 'member', description: 'Has joined the program' },
		],
		default: [],
		description:
			'Only customers who are one of these. LoyaltyLion cannot be asked for it, so the node reads customers until it has found enough.',
	},
	needsValue: true,
	read: (value, label) => readChoices(value, label, [...CUSTOMER_STATUSES]),
};

const filterFields = {
	birthdays: birthdayField,
	...toCreatedFields(
		'customers who were created from this time on',
		'customers who were created up to this time',
	),
	emailContains: emailContainsField,
	statuses: statusField,
	updatedAfter: toTimeField({
		displayName: 'Updated After',
		name: 'updatedAfter',
		description: `Only customers who were last changed from this time on, e.g. whose points were. ${BY_TIME_ZONE}`,
	}),
	updatedBefore: toTimeField({
		displayName: 'Updated Before',
		name: 'updatedBefore',
		description: `Only customers who were last changed up to this time. ${BY_TIME_ZONE}`,
	}),
};

/** What LoyaltyLion can sort by; newest first is its own order (Admin API, List Customers and Pagination). */
const SORTS = {
	newestFirst: {},
	oldestFirst: { sort_field: 'id', sort_direction: 'asc' },
	lastChangedFirst: { sort_field: 'updated_at', sort_direction: 'desc' },
	lastChangedLast: { sort_field: 'updated_at', sort_direction: 'asc' },
};

const sortField: Field<Query> = {
	property: {
		displayName: 'Sort',
		name: 'sort',
		type: 'options',
		options: [
			{ name: 'Last Change, Newest First', value: 'lastChangedFirst' },
			{ name: 'Last Change, Oldest First', value: 'lastChangedLast' },
			{ name: 'Newest Customers First', value: 'newestFirst' },
			{ name: 'Oldest Customers First', value: 'oldestFirst' },
		],
		default: 'newestFirst',
		description: 'In which order the customers come out, and which of them, where there is a limit',
	},
	read: (value, label) =>
		SORTS[
			readChoice(value, label, [
				'newestFirst',
				'oldestFirst',
				'lastChangedFirst',
				'lastChangedLast',
			])
		],
};

const optionFields = toRequestFields();

/** Get many customers: `GET /v2/customers` (LoyaltyLion Admin API). */
export const getAll: Operation = {
	value: 'getAll',
	name: 'Get Many',
	action: 'Get many customers',
	description:
		'Read customers, one item each: by email, when they were created or changed, birthday, or whether member, guest or blocked. Changes nothing.',
	fields: [
		...LIST_PROPERTIES,
		toCollection(
			{ displayName: 'Filters', name: 'filters', placeholder: 'Add filter' },
			filterFields,
		),
		sortField.property,
		simplifyField.property,
		toOptions(optionFields),
	],
	words: toReadingWords({}, READ_CUSTOMER_REASONS),
	async execute(item) {
		assertNotCanceled(item.signal);
		const { most, filters, sort, simplify, options } = readInput(item);
		const client = (await item.run.client(item, options)).unshared;
		const toOutput = (row: IDataObject) => {
			if (!isWanted(row, filters)) return undefined;
			return simplify ? simplifyCustomer(row) : row;
		};
		const query = { ...toQueryOf(filters), ...sort };
		return await readList(client, CUSTOMERS, { most, query, toOutput }, READ_CUSTOMER_WORDS);
	},
};

type Filters = ValuesOf<typeof filterFields>;

interface Input {
	most: number;
	filters: Filters;
	sort: Query;
	simplify: boolean;
	options: ValuesOf<typeof optionFields>;
}

function readInput(item: InputItem): Input {
	const itemFields = new ItemFields(item.run.parameters, item.itemIndex);
	const most = readLimit(itemFields);
	const filters = itemFields.readCollection('filters', filterFields);
	const sort = itemFields.read(sortField);
	const simplify = itemFields.read(simplifyField);
	const options = itemFields.readOptions(optionFields);
	if (most === undefined || !filters || !sort || simplify === undefined || !options) {
		throw itemFields.failure('this item');
	}
	return { most, filters, sort, simplify, options };
}

function toQueryOf(filters: Filters): Query {
	const { emailContains, createdAfter, createdBefore, updatedAfter, updatedBefore } = filters;
	return {
		email: emailContains,
		created_at_min: createdAfter,
		created_at_max: createdBefore,
		updated_at_min: updatedAfter,
		updated_at_max: updatedBefore,
	};
}

/** By what LoyaltyLion cannot be asked for. */
function isWanted(row: IDataObject, { statuses, birthdays }: Filters): boolean {
	if (statuses && !statuses.includes(statusOf(toCustomer(row)))) return false;
	return !birthdays || birthdays.has(dayOfYear(row.birthday));
}

/** A birthday is a date, e.g. 1990-11-24. */
function dayOfYear(birthday: unknown): string {
	return /^\d{4}-(\d\d-\d\d)/.exec(String(birthday))?.[1] ?? '';
}
