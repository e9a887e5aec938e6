import type { Request, Response } from 'express';
import { HookContext, WebhookContext } from 'n8n-core';
import type {
	ICredentialDataDecryptedObject,
	INodeParameters,
	IWebhookData,
	IWebhookResponseData,
	WorkflowExecuteMode,
} from 'n8n-workflow';
import { type N8n, nodeWithCredential } from './N8n.cts';

/** How a LoyaltyLion Trigger stands in a workflow. */
export interface TriggerSetting {
	parameters: INodeParameters;
	/** The fields of its credential, or why it cannot be opened. */
	credential: ICredentialDataDecryptedObject | Error;
	/** Tells its address apart from others. */
	webhookId: string;
	workflowId: string;
	/** Under which n8n is reached, as it believes, e.g. https://n8n.example */
	origin: string;
}

/** Whether a workflow is published, or a user listens for one call in the editor. */
export type Listening = 'published' | 'test';

/** One LoyaltyLion Trigger, in n8n's real contexts. */
export class Trigger {
	/** What it has told the log of n8n, each with its level. */
	readonly log: string[] = [];

	readonly #n8n: N8n;

	/** @param setting can be changed, as a user does who publishes another version */
	constructor(
		n8n: N8n,
		readonly setting: TriggerSetting,
	) {
		this.#n8n = n8n;
	}

	/** Where n8n takes calls for it. */
	address(listening: Listening = 'published') {
		const { origin, webhookId } = this.setting;
		return `${origin}/${PATHS[listening]}/${webhookId}/webhook`;
	}

	/**
	 * Publishes it, starts n8n again, or listens for a test, all of which is one for a trigger (n8n,
	 * `webhook.service.ts`, `createWebhookIfNotExists`), and cleans up when that fails (n8n,
	 * `active-workflow-manager.ts`, `addWebhooks`).
	 *
	 * @throws what the trigger throws
	 */
	async publish(listening: Listening = 'published') {
		try {
			if (!(await this.call('checkExists', listening))) await this.call('create', listening);
		} catch (error) {
			await this.unpublish(listening);
			throw error;
		}
	}

	async unpublish(listening: Listening = 'published') {
		await this.call('delete', listening);
	}

	/** Calls one of its methods, each with a new context. */
	async call(method: 'checkExists' | 'create' | 'delete', listening: Listening = 'published') {
		const { workflow, node, additionalData, webhookData } = this.#world(listening);
		const mode = listening === 'test' ? 'manual' : 'trigger';
		const activation = listening === 'test' ? 'manual' : 'activate';
		const context = new HookContext(workflow, node, additionalData, mode, activation, webhookData);
		return await this.#type().webhookMethods?.default?.[method]?.call(
			this.#logging(context) as never,
		);
	}

	/**
	 * Hands it a call (n8n, `webhook.service.ts`, `runWebhook`).
	 *
	 * @throws what the trigger throws
	 */
	async take(
		request: Request,
		response: Response,
		listening: Listening,
	): Promise<IWebhookResponseData> {
		const { workflow, node, additionalData, webhookData } = this.#world(listening);
		const mode: WorkflowExecuteMode = listening === 'test' ? 'manual' : 'webhook';
		const context = new WebhookContext(
			workflow,
			node,
			{ ...additionalData, httpRequest: request, httpResponse: response },
			mode,
			webhookData,
			[],
			null,
		);
		const result = await this.#type().webhook?.call(this.#logging(context) as never);
		if (!result) throw new Error('The trigger takes no calls.');
		return result;
	}

	#type() {
		return this.#n8n.packages.getByNameAndVersion(TYPE);
	}

	#world(listening: Listening) {
		const { parameters, credential, webhookId, workflowId, origin } = this.setting;
		const { workflow, node, additionalData } = this.#n8n.outsideRun(
			{ ...nodeWithCredential('LoyaltyLion Trigger', TYPE), id: webhookId, webhookId, parameters },
			credential,
			workflowId,
		);
		additionalData.webhookBaseUrl = `${origin}/${PATHS.published}`;
		additionalData.webhookTestBaseUrl = `${origin}/${PATHS.test}`;
		const isTest = listening === 'test';
		const [webhookDescription] = this.#type().description.webhooks ?? [];
		const webhookData = { isTest, webhookDescription } as IWebhookData;
		return { workflow, node, additionalData, webhookData };
	}

	#logging<Context extends object>(context: Context): Context {
		const levels = ['debug', 'info', 'warn', 'error'].map((level) => [
			level,
			(message: string, more?: object) =>
				void this.log.push(`${level}: ${message}${more ? JSON.stringify(more) : ''}`),
		]);
		return Object.defineProperty(context, 'logger', {
			value: Object.fromEntries(levels) as object,
		});
	}
}

const TYPE = 'n8n-nodes-loyaltylion.loyaltyLionTrigger';

/** Where n8n takes calls. */
export const PATHS = { published: 'webhook', test: 'webhook-test' };
