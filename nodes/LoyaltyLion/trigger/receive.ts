import type { IWebhookFunctions, IWebhookResponseData } from 'n8n-workflow';
import { ItemFailure } from '../errors/ItemFailure';
import { toEditorError } from '../run/output';
import { Connector, type ItemConnection } from '../transport/connect';
import { readEnvelope, toOutput, type Envelope } from './envelope';
import { hadEventsOf } from './HadEvents';
import { readSettings, type TriggerSettings } from './settings';
import { isSignedWith, SIGNATURE_HEADER } from './signature';

/** LoyaltyLion's events take a few thousand. */
const MAX_BYTES = 1_000_000;

/** To be answered by hand, and kept unfulfilled for as long as nobody has looked into it. */
const STORE_FULFILMENT = 'rewards/store_fulfilment';

/**
 * Takes a delivery of LoyaltyLion, or whatever else is sent to the trigger's address: it asks nobody, and writes
 * nothing that others see.
 *
 * @param context what n8n hands the trigger
 * @returns the item that starts the workflow; nothing when no workflow is to be started, and then either n8n
 *   acknowledges the delivery or this has answered it
 * @throws {NodeOperationError} why a delivery was refused, once it is answered, for the user who listens for a test
 *   event
 */
export async function receive(context: IWebhookFunctions): Promise<IWebhookResponseData> {
	const result = await take(context).catch(toRefusal);
	if (!('refusal' in result)) return result;
	const { refusal } = result;
	await answer(context, refusal);
	const isTest = context.getMode() === 'manual';
	if (isTest) throw toEditorError(context.getNode(), toFailure(refusal));
	context.logger.warn(`LoyaltyLion Trigger: ${refusal.message}. ${refusal.advice}`);
	return { noWebhookResponse: true };
}

/** Why a delivery is not taken. */
class Refusal extends Error {
	/**
	 * @param status the HTTP status that it is answered with
	 * @param message what is the matter
	 * @param advice what to do about it, a sentence or more
	 */
	constructor(
		readonly status: number,
		message: string,
		readonly advice: string,
	) {
		super(message);
	}
}

async function take(context: IWebhookFunctions): Promise<IWebhookResponseData> {
	const settings = readSettings(context);
	const { rawBody }: { rawBody?: unknown } = context.getRequestObject();
	if (Buffer.isBuffer(rawBody) && rawBody.length > MAX_BYTES) throw TOO_LARGE;
	const body = Buffer.isBuffer(rawBody) ? rawBody : undefined;
	assertSigned(await connect(context), body, headerOf(context, SIGNATURE_HEADER), settings);
	const envelope = body && readEnvelope(body, headerOf(context, 'x-loyaltylion-topic'));
	if (!envelope) throw NO_EVENT;
	// An acknowledged one would count as handed to the customer.
	if (envelope.topic === STORE_FULFILMENT) throw NO_FULFILMENT;
	const isWanted = settings.topics.includes(envelope.topic);
	if (!isWanted || (await wasHad(context, envelope, settings))) return {};
	const siteDomain = headerOf(context, 'x-loyaltylion-site-domain');
	const json = settings.raw ? envelope.body : toOutput(envelope, siteDomain);
	return { workflowData: [[{ json }]] };
}

async function connect(context: IWebhookFunctions): Promise<ItemConnection> {
	return await new Connector(context).connect(0);
}

/** @param body nothing where n8n has not kept it */
function assertSigned(
	{ siteSecrets }: ItemConnection,
	body: Buffer | undefined,
	signature: string | undefined,
	{ acceptUnsigned }: TriggerSettings,
): void {
	if (signature === undefined && acceptUnsigned) return;
	if (signature === undefined || !body) throw UNSIGNED;
	if (siteSecrets.length === 0 && acceptUnsigned) return;
	if (!isSignedWith(body, signature, siteSecrets)) throw WRONGLY_SIGNED;
}

async function wasHad(
	context: IWebhookFunctions,
	{ id, topic }: Envelope,
	{ ignoreRepeated }: TriggerSettings,
): Promise<boolean> {
	// Whoever tests may send the same event again and again.
	if (!ignoreRepeated || id === undefined || context.getMode() === 'manual') return false;
	const trigger = `${context.getWorkflow().id ?? ''} ${context.getNode().id}`;
	// Whether the events of one happening have an ID each, LoyaltyLion does not say.
	const event = JSON.stringify([topic, id]);
	const taken = await hadEventsOf(trigger).take(event, context.getResponseObject());
	if (taken === 'underWay') throw UNDER_WAY;
	return taken === 'had';
}

/** Several headers of one name are joined by n8n, so that none of them counts. */
function headerOf(context: IWebhookFunctions, name: string): string | undefined {
	const value = context.getHeaderData()[name];
	return typeof value === 'string' ? value : undefined;
}

/** The answer has left when this returns, or will not any more. */
async function answer(context: IWebhookFunctions, { status, message }: Refusal): Promise<void> {
	const response = context.getResponseObject();
	const left = new Promise<void>((resolve) => {
		if (response.destroyed) resolve();
		else response.once('close', resolve);
	});
	response.status(status).json({ message });
	await left;
}

function toRefusal(error: unknown): { refusal: Refusal } {
	if (error instanceof Refusal) return { refusal: error };
	const advice =
		error instanceof ItemFailure
			? error.facts.description
			: 'Open the LoyaltyLion Trigger, and check its fields.';
	return { refusal: new Refusal(503, 'The LoyaltyLion Trigger cannot take events now', advice) };
}

function toFailure({ message, advice }: Refusal): ItemFailure {
	return new ItemFailure({ code: 'invalid_input', message, description: advice });
}

const TOO_LARGE = new Refusal(
	413,
	'What was sent to this address is larger than any event of LoyaltyLion',
	'It does not come from LoyaltyLion, and the workflow was not started.',
);

const UNSIGNED = new Refusal(
	401,
	'What was sent to this address carries no signature of LoyaltyLion that can be checked',
	'The workflow was not started. If you sent it yourself to try the workflow, turn on Accept Unsigned Events for that time, or pin a sample of the event instead.',
);

const WRONGLY_SIGNED = new Refusal(
	401,
	'The signature does not fit the Site Secret of the LoyaltyLion credential',
	'The workflow was not started. Copy the secret in LoyaltyLion from Manage > Settings, where it stands beside the site token, into Site Secret in the LoyaltyLion credential. If the program has several sites, put in the secret of each, separated by commas. If it is right, somebody else sends to this address.',
);

const NO_EVENT = new Refusal(
	400,
	'What was sent to this address is no event of LoyaltyLion',
	'The workflow was not started.',
);

const NO_FULFILMENT = new Refusal(
	400,
	'A custom reward sends its claims to this address, and the LoyaltyLion Trigger does not take them',
	'The workflow was not started, so that the claim stays open in LoyaltyLion. Use a Webhook node for the fulfilment of the reward, or the event Reward Claimed.',
);

const UNDER_WAY = new Refusal(
	503,
	'Another delivery of the same event is still being worked on',
	'LoyaltyLion will deliver it again.',
);
