import type {
	ICredentialDataDecryptedObject,
	ICredentialsDecrypted,
	IExecuteFunctions,
	IHookFunctions,
	ILoadOptionsFunctions,
	IWebhookFunctions,
} from 'n8n-workflow';
import { CredentialFault, readConnection, type Connection } from '../../../credentials/connection';
import { ItemFailure } from '../errors/ItemFailure';

export const CREDENTIAL_TYPE = 'loyaltyLionApi';

/** What n8n hands a node to work with: while it runs, while its fields are filled in, or while it waits for events. */
export type RequestContext =
	| IExecuteFunctions
	| ILoadOptionsFunctions
	| IHookFunctions
	| IWebhookFunctions;

/** A credential as one item sees it. */
export interface ItemConnection extends Connection {
	/** The same credential in the form that n8n's request helper takes. */
	credential: ICredentialsDecrypted;
}

/**
 * Opens the node's credential, item by item: its fields may hold expressions, and n8n's request helper
 * left to itself resolves them for the first item only.
 */
export class Connector {
	private last: { data: ICredentialDataDecryptedObject; connection: ItemConnection } | undefined;

	/** @param context the running node */
	constructor(private readonly context: RequestContext) {}

	/**
	 * @param itemIndex the input item, counted from 0
	 * @returns where to send the item's request, and what to send with it
	 * @throws {ItemFailure} `not_authenticated` when there is no usable key, `invalid_input` when the Base
	 *   URL cannot be used; nothing has been sent then
	 */
	async connect(itemIndex: number): Promise<ItemConnection> {
		const data = await decrypt(this.context, itemIndex);
		if (!this.last || !hasSameFields(data, this.last.data)) {
			this.last = { data, connection: open(this.context, data) };
		}
		return this.last.connection;
	}
}

function hasSameFields(
	one: ICredentialDataDecryptedObject,
	other: ICredentialDataDecryptedObject,
): boolean {
	const names = Object.keys(one);
	if (names.length !== Object.keys(other).length) return false;
	return names.every((name) => Object.hasOwn(other, name) && one[name] === other[name]);
}

function open(context: RequestContext, data: ICredentialDataDecryptedObject): ItemConnection {
	try {
		return { ...readConnection(data), credential: describe(context, data) };
	} catch (error) {
		throw unusable(error);
	}
}

async function decrypt(
	context: RequestContext,
	itemIndex: number,
): Promise<ICredentialDataDecryptedObject> {
	try {
		return await context.getCredentials(CREDENTIAL_TYPE, itemIndex);
	} catch {
		throw unopened();
	}
}

function describe(
	context: RequestContext,
	data: ICredentialDataDecryptedObject,
): ICredentialsDecrypted {
	const chosen = context.getNode().credentials?.[CREDENTIAL_TYPE];
	return { id: chosen?.id ?? '', name: chosen?.name ?? '', type: CREDENTIAL_TYPE, data };
}

/** n8n's own words are left out: they can quote what a field of the credential holds. */
function unopened(): ItemFailure {
	return new ItemFailure({
		code: 'not_authenticated',
		message: 'The LoyaltyLion credential could not be opened',
		description:
			'Nothing was sent to LoyaltyLion. Open the node, choose a LoyaltyLion credential, and save that credential again.',
	});
}

function unusable(error: unknown): ItemFailure {
	const fault =
		error instanceof CredentialFault
			? error
			: new CredentialFault('identity', 'It cannot be read.');
	const nothingSent = `${fault.message} Nothing was sent to LoyaltyLion.`;
	return fault.part === 'address'
		? new ItemFailure({
				code: 'invalid_input',
				message: "The LoyaltyLion credential's Base URL cannot be used",
				description: nothingSent,
			})
		: new ItemFailure({
				code: 'not_authenticated',
				message: 'The LoyaltyLion credential is not complete',
				description: nothingSent,
			});
}
