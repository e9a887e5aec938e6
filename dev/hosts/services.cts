import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { aptInstall } from './aptInstall.cts';
import { freePort } from './freePort.cts';

const REDIS = '/usr/bin/redis-server';
const POSTGRES = '/usr/lib/postgresql';

/** Installs what queue mode needs where it is missing. */
export function installServices() {
	aptInstall({ [REDIS]: ['redis-server'], [POSTGRES]: ['postgresql'] });
}

/** Redis and PostgreSQL for one n8n, as Debian packs them; nothing of them is kept. */
export async function startServices() {
	const folder = mkdtempSync(join(tmpdir(), 'services-'));
	chmodSync(folder, 0o777);
	const [redisPort, postgresPort] = [await freePort(), await freePort()];
	const redis = spawn(REDIS, ['--port', String(redisPort), '--save', '', '--dir', folder], {
		stdio: 'ignore',
	});
	const [version = ''] = readdirSync(POSTGRES).sort().reverse();
	const postgresBin = join(POSTGRES, version, 'bin');
	const data = join(folder, 'postgres');
	asPostgres(join(postgresBin, 'initdb'), ['-D', data, '-U', 'n8n', '--auth=trust']);
	const where = `-p ${postgresPort} -c listen_addresses=127.0.0.1 -c unix_socket_directories=${folder}`;
	asPostgres(join(postgresBin, 'pg_ctl'), [
		'-D',
		data,
		'-l',
		join(folder, 'log'),
		'-o',
		where,
		'-w',
		'start',
	]);
	await untilOpen(redisPort);
	const database = {
		DB_TYPE: 'postgresdb',
		DB_POSTGRESDB_HOST: '127.0.0.1',
		DB_POSTGRESDB_PORT: String(postgresPort),
		DB_POSTGRESDB_USER: 'n8n',
		DB_POSTGRESDB_DATABASE: 'postgres',
	};
	return {
		/** For an n8n that is one process, and uses PostgreSQL. */
		database,
		/** For an n8n in queue mode. */
		settings: {
			EXECUTIONS_MODE: 'queue',
			QUEUE_BULL_REDIS_HOST: '127.0.0.1',
			QUEUE_BULL_REDIS_PORT: String(redisPort),
			...database,
		},
		async stop() {
			asPostgres(join(postgresBin, 'pg_ctl'), ['-D', data, '-m', 'immediate', 'stop']);
			const exited = once(redis, 'exit');
			redis.kill();
			await exited;
			rmSync(folder, { recursive: true, force: true });
		},
	};
}

/**
 * Opens the database that E2E_DATABASE names, `postgres`, for one n8n that is one process.
 *
 * @returns the settings of the n8n; none for SQLite, which n8n uses by itself
 */
export async function openChosenDatabase(): Promise<{
	settings: Record<string, string>;
	stop: () => Promise<void>;
}> {
	if (process.env.E2E_DATABASE !== 'postgres') return { settings: {}, stop: async () => {} };
	installServices();
	const services = await startServices();
	return { settings: services.database, stop: async () => await services.stop() };
}

/** PostgreSQL does not run as root. */
function asPostgres(command: string, args: string[]) {
	execFileSync('runuser', ['-u', 'postgres', '--', command, ...args], {
		stdio: 'ignore',
		cwd: '/',
	});
}

async function untilOpen(port: number) {
	for (;;) {
		const socket = net.connect(port, '127.0.0.1');
		const isOpen = await Promise.race([
			once(socket, 'connect').then(() => true),
			once(socket, 'error').then(() => false),
		]).catch(() => false);
		socket.destroy();
		if (isOpen) return;
		await setTimeout(100);
	}
}
