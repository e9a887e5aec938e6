import type { IWebhookFunctions, IWebhookResponseData } from 'n8n-workflow';
import { inputFailure } from '../fields/InvalidInput';
import { toEditorError } from '../run/output';
import { Connector, type ItemConnection } from '../transport/connect';
import { readEnvelope, toOutput, type Envelope } from './envelope';
import { hadEventsOf } from './HadEvents';
import {
	NO_EVENT,
	NO_FULFILMENT,
	Refusal,
	TOO_LARGE,
	UNDER_WAY,
	UNSIGNED,
	WRONGLY_SIGNED,
} from './Refusal';
import { readSettings, type TriggerSettings } from './settings';
import { isSignedWith, SIGNATURE_HEADER } from './signature';
import { toFailure } from './toFailure';

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
	if (isTest) throw toEditorError(context.getNode(), inputFailure(refusal));
	context.logger.warn(`LoyaltyLion Trigger: ${refusal.message}. ${refusal.advice}`);
	return { noWebhookResponse: true };
}

async function take(context: IWebhookFunctions): Promise<IWebhookResponseData> {
	const settings = readSettings(context);
	const { rawBody }: { rawBody?: unknown } = context.getRequestObject();
	if (Buffer.isBuffer(rawBody) && rawBody.length > MAX_BYTES) throw TOO_LARGE;
	const body = Buffer.isBuffer(rawBody) ? rawBody : undefined;
	const connection = await new Connector(context).connect(0);
	const signature = headerOf(context, SIGNATURE_HEADER);
	assertSigned(connection, body, signature, settings);
	const topic = headerOf(context, 'x-loyaltylion-topic');
	const envelope = body && readEnvelope(body, topic);
	// An acknowledged one would count as handed to the customer.
	if ([topic, envelope?.topic].includes(STORE_FULFILMENT)) throw NO_FULFILMENT;
	if (!envelope) throw NO_EVENT;
	const isWanted = settings.topics.includes(envelope.topic);
	if (!isWanted || (await wasHad(context, envelope, signature, settings))) return {};
	const siteDomain = headerOf(context, 'x-loyaltylion-site-domain');
	const json = settings.raw ? envelope.body : toOutput(envelope, siteDomain);
	return { workflowData: [[{ json }]] };
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
	signature: string | undefined,
	{ ignoreRepeated }: TriggerSettings,
): Promise<boolean> {
	// Whoever tests may send the same event again and again.
	if (!ignoreRepeated || id === undefined || context.getMode() === 'manual') return false;
	const trigger = `${context.getWorkflow().id ?? ''} ${context.getNode().id}`;
	// Whether the events of one happening have an ID each, LoyaltyLion does not say; and nobody who signs nothing may
	// have one left out that is signed.
	const event = JSON.stringify([topic, id, signature !== undefined]);
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
	const { message, description } = toFailure(error).facts;
	const advice = `${message}. ${description}`;
	return { refusal: new Refusal(503, 'The LoyaltyLion Trigger cannot take events now', advice) };
}
