import type { IDataObject } from 'n8n-workflow';

/** Which activity, as LoyaltyLion keeps it: by the rule and the store's own ID. */
export interface ActivityKey {
	ruleName: string;
	activityId: string;
}

/** An activity of a customer that is to be tracked. */
export interface Activity {
	ruleName: string;
	/** The customer's ID in the store. */
	merchantId: string;
	/** Only where the customer is chosen by email. */
	email?: string;
	/** The store's own ID of the activity. */
	activityId: string | null;
	/** When it happened, in ISO 8601 with its offset; now, if not said. */
	date?: string;
	/** What else is told of it, by name. */
	properties?: IDataObject;
	/** Only where the program has several sites. */
	siteId?: number;
}

/** An activity that was sent, and when. */
export interface SentActivity
	extends Pick<Activity, 'ruleName' | 'merchantId' | 'email' | 'activityId' | 'date'> {
	/** In ms since 1970 by this machine's clock. */
	sentAt: number;
}
