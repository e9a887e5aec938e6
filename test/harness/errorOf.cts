import type { IDataObject } from 'n8n-workflow';

/** As much of an item's error as tests ask for one by one. */
export interface ItemError {
	code?: string;
	message?: string;
	description?: string;
	details?: Record<string, string>;
	pointsMayHaveBeenAdded?: boolean;
	merchantId?: string | null;
	points?: number | null;
}

/** What an item says that went wrong with it; empty if nothing did. */
export function errorOf({ error }: IDataObject): ItemError {
	return Object(error) as ItemError;
}
