/** Installs the newest n8n and a browser, where they are missing: what `npm run e2e` begins with. */
import { installBrowser } from './Editor.cts';
import { installHost } from './hosts.cts';

installBrowser();
installHost('newest');
