import type { IHookFunctions } from 'n8n-workflow';
import { ItemFailure, type FailureFacts } from '../errors/ItemFailure';
import { openOutsideRun } from '../run/openOutsideRun';
import { toEditorError } from '../run/output';
import type { Client } from '../transport/Client';
import { Connector } from '../transport/connect';
import { areHooksAsWanted, keepHooks, removeHooks } from './hooks';
import { checkScopes } from './scopes';
import { readSettings, type TriggerSettings } from './settings';
import { toFailure } from './toFailure';

/**
 * Tells whether LoyaltyLion sends the trigger what it waits for.
 *
 * @param context what n8n hands the trigger
 * @returns whether it does, and nothing else
 * @throws {NodeOperationError} when the trigger could take no event, or LoyaltyLion could not be asked: what to do
 */
export async function isSubscribed(context: IHookFunctions): Promise<boolean> {
	return await explained(context, async () => {
		const { client, address, topics } = await open(context);
		return await areHooksAsWanted(client, address, topics);
	});
}

/**
 * Has LoyaltyLion send the trigger what it waits for, and nothing else.
 *
 * @param context what n8n hands the trigger
 * @throws {NodeOperationError} when that was not possible; LoyaltyLion sends nothing new then
 */
export async function subscribe(context: IHookFunctions): Promise<void> {
	await explained(context, async () => {
		const { client, address, topics } = await open(context);
		for (const warning of await checkScopes(client, topics)) {
			context.logger.warn(`LoyaltyLion Trigger: ${warning}`);
		}
		await keepHooks(client, address, topics);
	});
}

/**
 * Has LoyaltyLion send the trigger nothing any more. It does not throw: n8n 1.x would leave the trigger's address open
 * then (n8n, `active-workflow-manager.ts`). What cannot be removed is dropped by LoyaltyLion itself, since n8n answers
 * at a closed address that nobody is there.
 *
 * @param context what n8n hands the trigger
 */
export async function unsubscribe(context: IHookFunctions): Promise<void> {
	try {
		await removeHooks(await openOutsideRun(context), addressOf(context));
	} catch (error) {
		const { message, description } = toFailure(error).facts;
		context.logger.warn(
			`LoyaltyLion Trigger: ${message}. ${description} LoyaltyLion stops by itself after 30 events that it cannot deliver.`,
		);
	}
}

/** What is needed to subscribe; whatever keeps the trigger from taking events is found before. */
async function open(
	context: IHookFunctions,
): Promise<{ client: Client; address: string; topics: string[] }> {
	const settings = readSettings(context);
	const address = addressOf(context);
	assertReachable(address);
	await assertCheckable(context, settings);
	return { client: await openOutsideRun(context), address, topics: settings.topics };
}

function addressOf(context: IHookFunctions): string {
	return context.getNodeWebhookUrl('default') ?? '';
}

/** LoyaltyLion takes no other addresses (Admin API, Create Webhook). */
function assertReachable(address: string): void {
	if (/^https:\/\//i.test(address)) return;
	throw new ItemFailure({
		code: 'invalid_input',
		message: `LoyaltyLion sends events only to addresses that begin with https://, and this n8n calls itself ${originOf(address)}`,
		description:
			'Ask whoever runs n8n to set the environment variable N8N_WEBHOOK_URL (WEBHOOK_URL before n8n 2) to the address under which n8n is reached from the internet, e.g. https://n8n.example.com/, and to restart n8n. Then try again.',
	});
}

function originOf(address: string): string {
	return /^\w+:\/\/[^/]+/.exec(address)?.[0] ?? address;
}

async function assertCheckable(
	context: IHookFunctions,
	{ acceptUnsigned }: TriggerSettings,
): Promise<void> {
	const { siteSecrets, hasOddSiteSecret } = await new Connector(context).connect(0);
	if (hasOddSiteSecret) throw new ItemFailure(ODD_SITE_SECRET);
	if (siteSecrets.length === 0 && !acceptUnsigned) throw new ItemFailure(NO_SITE_SECRET);
}

const NO_SITE_SECRET: FailureFacts = {
	code: 'not_authenticated',
	message: 'Site Secret is empty in the LoyaltyLion credential',
	description:
		"The trigger checks with it that events come from LoyaltyLion: without it, anybody who learns the trigger's address could start the workflow. Copy it in LoyaltyLion from Manage > Settings, where it stands beside the site token, into the LoyaltyLion credential. If nothing can be lost by it, turn on Accept Unsigned Events in the trigger's options instead.",
};

const ODD_SITE_SECRET: FailureFacts = {
	code: 'not_authenticated',
	message:
		'Site Secret in the LoyaltyLion credential holds a blank, a character that cannot be in one, or too few of them',
	description:
		'Copy it again from LoyaltyLion, under Manage > Settings. Separate several by commas.',
};

async function explained<Result>(
	context: IHookFunctions,
	act: () => Promise<Result>,
): Promise<Result> {
	try {
		return await act();
	} catch (error) {
		throw toEditorError(context.getNode(), toFailure(error));
	}
}
