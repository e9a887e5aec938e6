/** Said by jest.config.js; a process that is to be killed has no need to know. */
const { IS_NEWEST_ENGINE: said = true } = globalThis as { IS_NEWEST_ENGINE?: boolean };

/** Whether the test runs in the newest n8n engine that there is. */
export const IS_NEWEST_ENGINE = said;
